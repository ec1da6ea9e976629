// Measures what keeping calls costs: calls that are too fast to be kept, failed ones of which few are kept, and calls whose
// arguments are held until they settle.
import { configureMetrics, Instrumented } from 'thrift-metrics';

import {
  AsyncMethods,
  callAsyncMethods,
  callSyncMethods,
  METHODS,
  SyncMethods,
} from '../many-methods.mjs';
import { compare, report } from '../measure.mjs';

Instrumented(SyncMethods);
Instrumented(AsyncMethods);
const sync = new SyncMethods();
const asynchronous = new AsyncMethods();

class Failing {
  async fail() {
    throw new RangeError('failed');
  }
}
Instrumented(Failing);

const failing = new Failing();

async function settle() {
  callAsyncMethods(asynchronous);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
}

const perCall = (values) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value / METHODS]));

/** Measures with a setting of `calls`, under names that begin with `name`. */
async function measure(name, calls) {
  configureMetrics({ calls });
  const fast = perCall(
    await compare({
      [`${name}Sync`]: () => callSyncMethods(sync),
      [`${name}Async`]: settle,
    }),
  );
  const failed = await compare({ [`${name}Failed`]: () => failing.fail().catch(() => {}) });
  return { ...fast, ...failed };
}

const off = await measure('off', false);
const on = await measure('on', true);
const types = await measure('types', { arguments: 'types' });

report({ ...off, ...on, ...types });
