// Measures what keeping calls costs: calls that are too fast to be kept, failed ones of which few are kept, slow ones all of
// which are kept, and calls whose arguments are held until they settle.
import { setTimeout as sleep } from 'node:timers/promises';

import { configureMetrics, Instrumented } from 'thrift-metrics';

import {
  AsyncMethods,
  callAsyncMethods,
  callSyncMethods,
  METHODS,
  SyncMethods,
} from '../many-methods.mjs';
import { compare, isQuick, median, report } from '../measure.mjs';

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

class Waiting {
  async wait(event) {
    await event;
  }
}
Instrumented(Waiting);

const failing = new Failing();
const waiting = new Waiting();

const BATCH = 5000;
const BATCHES = isQuick ? 2 : 41;
/** Every call that takes 10 ms or longer is kept. */
const SLOW_MS = 11;

/** Measures the CPU time of a call that is slow, in nanoseconds: a batch of calls waits for one timer. */
async function measureSlow() {
  const samples = [];
  for (let i = 0; i < BATCHES; i++) {
    const before = process.cpuUsage();
    const event = sleep(SLOW_MS);
    await Promise.all(Array.from({ length: BATCH }, () => waiting.wait(event)));
    const { user, system } = process.cpuUsage(before);
    samples.push(((user + system) / BATCH) * 1000);
  }
  return median(samples);
}

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
  return { ...fast, ...failed, [`${name}Slow`]: await measureSlow() };
}

const off = await measure('off', false);
const on = await measure('on', true);
const types = await measure('types', { arguments: 'types' });

report({ ...off, ...on, ...types });
