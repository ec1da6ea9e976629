import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { configureMetrics, instrument } from '../../src/index';

/** More than the calls of one method may keep, and less than a byte for each call. */
const MOST_GROWTH = 2 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function heapAfter(run: () => Promise<void>): Promise<number> {
  await run();
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

test(
  'millions of calls, slow, failed and with huge errors, leave the heap as it is',
  { timeout: 240_000 },
  async () => {
    configureMetrics({ calls: { arguments: ({ args }) => String(args[0]) } });
    const huge = 'x'.repeat(100_000);
    const fail = instrument(
      (i: number) => {
        // A new type for each call, as far as its name goes.
        throw Object.assign(new Error(huge + String(i)), { name: `Type${i % 50}` });
      },
      { service: 'Kept', method: 'fail' },
    );
    const succeed = instrument((i: number) => i, { service: 'Kept', method: 'succeed' });
    const later = instrument(async (i: number) => i, { service: 'Kept', method: 'later' });
    const run = async (calls: number): Promise<void> => {
      for (let i = 0; i < calls; i++) {
        succeed(i);
        if (i % 1000 === 0) {
          // oxlint-disable-next-line no-await-in-loop -- lets promises settle
          await later(i);
          try {
            fail(i);
          } catch {
            // Only what is kept of it matters.
          }
        }
      }
    };
    const before = await heapAfter(() => run(200_000));
    const after = await heapAfter(() => run(2_000_000));
    expect(after - before).toBeLessThan(MOST_GROWTH);
  },
);
