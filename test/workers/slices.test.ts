import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { renderMetrics } from '../../src/index';
import { sumOfAll } from '../../src/scrape/workers/sum-of-all';
import { turnsDuring } from '../support/turns-during';
import { KINDS, TEXT, Workers } from './start-workers';

const SERIES = 1500;

describe.each(KINDS)('a worker with many series: %s', (kind) => {
  let workers: Workers;
  afterEach(() => workers.stop());

  it('answers in pieces, each of which is made in a turn of its own', async () => {
    workers = new Workers(kind);
    await workers.fork(1);
    await workers.tell({ to: 0, keys: SERIES, watchTurns: true });

    expect(await workers.sum('wide_total')).toBe(SERIES);

    const { turns } = await workers.tell({ to: 0 });
    expect(turns.length).toBeGreaterThanOrEqual(10);
    expect(new Set(turns).size).toBe(turns.length);
  });
});

describe('who sums many series', () => {
  afterEach(() => vi.restoreAllMocks());

  it('gives the event loop to others while they are summed, and while they are written', async () => {
    // Threads that have ended, since those would have to be waited for.
    for (let i = 0; i < 2; i++) {
      const thread = new Worker(join(__dirname, 'programs/ending-thread.mjs'), {
        workerData: { keys: SERIES },
      });
      await once(thread, 'exit');
    }
    let milliseconds = 0;
    // One passes with each look at the clock, so that slices do not depend on the machine.
    vi.spyOn(performance, 'now').mockImplementation(() => milliseconds++);
    const isWanted = ({ name }: { name: string }): boolean => name === 'wide_total';

    // The first takes what the threads have left together, too. Each has some fourteen pieces.
    const first = await turnsDuring(sumOfAll(1000, isWanted));
    const second = await turnsDuring(sumOfAll(1000, isWanted));
    const third = await turnsDuring(renderMetrics({ accept: TEXT, names: ['wide_total'] }));

    expect(second).toBeGreaterThanOrEqual(10);
    expect(first).toBeGreaterThanOrEqual(2 * second);
    expect(third).toBeGreaterThanOrEqual(second + 10);
  });
});
