import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { currentRuntime } from '../../../src/runtime/runtime';
import { renderMetrics } from '../../../src/index';
import { sumOverWorkers } from '../../../src/scrape/workers/sum-over-workers';
import { turnsDuring } from '../../support/turns-during';
import { KINDS, TEXT, Workers } from './start-workers';

const SERIES = 1500;

describe.each(KINDS)('a worker with many series: %s', (kind) => {
  let workers: Workers;
  afterEach(() => workers.stop());

  it('a worker with many series answers in chunks, each made in a separate turn of the event loop', async () => {
    workers = new Workers(kind);
    await workers.fork(1);
    await workers.tell({ to: 0, keys: SERIES, watchTurns: true });

    expect(await workers.sum('wide_total')).toBe(SERIES);

    const { turns } = await workers.tell({ to: 0 });
    expect(turns.length).toBeGreaterThanOrEqual(10);
    expect(new Set(turns).size).toBe(turns.length);
  });
});

describe('a sum of many series', () => {
  afterEach(() => vi.restoreAllMocks());

  it('summing and rendering many series yields to the event loop', async () => {
    // Uses threads that have ended, because running ones would have to be waited for.
    for (let i = 0; i < 2; i++) {
      const thread = new Worker(join(__dirname, 'programs/ending-thread.mjs'), {
        workerData: { keys: SERIES },
      });
      await once(thread, 'exit');
    }
    let milliseconds = 0;
    // Each reading of the clock advances it, so that time budgets do not depend on the machine.
    vi.spyOn(performance, 'now').mockImplementation(() => milliseconds++);
    const isWanted = ({ name }: { name: string }): boolean => name === 'wide_total';

    // The first sum also combines the final reports of the threads, about fourteen chunks each.
    const first = await turnsDuring(sumOverWorkers(currentRuntime(), 1000, isWanted));
    const second = await turnsDuring(sumOverWorkers(currentRuntime(), 1000, isWanted));
    const third = await turnsDuring(renderMetrics({ accept: TEXT, names: ['wide_total'] }));

    expect(second).toBeGreaterThanOrEqual(10);
    expect(first).toBeGreaterThanOrEqual(2 * second);
    expect(third).toBeGreaterThanOrEqual(second + 10);
  });
});
