import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { KINDS, Workers } from './start-workers';

const REQUESTS = 'thrift_server_requests_total';

/** The ways in which a worker ends, each with its exit code. */
const ENDS: Record<(typeof KINDS)[number], readonly (readonly [end: string, code: number])[]> = {
  cluster: [
    ['exits', 3],
    ['throws', 1],
    ['disconnects', 0],
    ['closes the channel', 0],
    ['disconnected by the primary', 0],
  ],
  threads: [
    ['exits', 3],
    ['throws', 1],
    ['finishes', 0],
  ],
};

describe.each(KINDS)('%s', (kind) => {
  let workers: Workers;
  beforeEach(async () => {
    workers = new Workers(kind);
    await workers.fork(2);
    await workers.tell({ to: 0, times: 7 });
  });
  afterEach(() => workers.stop());

  describe.each([...ENDS[kind]])('a worker that ends: %s', (end, code) => {
    it('the final report of a worker makes the sum exact and does not change its exit code', async () => {
      await workers.tell({ to: 1, times: 40 });
      expect(await workers.sum(REQUESTS)).toBe(47);
      await workers.tell({ to: 1, times: 500 });
      expect((await workers.tell({ to: 1, end })).code).toBe(code);
      expect(await workers.sum(REQUESTS)).toBe(547);
      await workers.tell({ to: 0, times: 1 });
      expect(await workers.sum(REQUESTS)).toBe(548);
    });

    it('the final report of a worker is complete even if it was never asked before', async () => {
      await workers.tell({ to: 1, times: 500 });
      await workers.tell({ to: 1, end });
      expect(await workers.sum(REQUESTS)).toBe(507);
      expect(await workers.sum(REQUESTS)).toBe(507);
    });
  });

  it('the final report of a worker with many series has each of them once', async () => {
    // With more than a pipe holds, the result would depend on how busy the machine is.
    const keys = kind === 'cluster' ? 1000 : 20_000;
    const configure = { maxSeriesPerMetric: keys };
    for (const to of [0, 1]) await workers.tell({ to, configure, keys });
    expect(await workers.sum('wide_total')).toBe(2 * keys);
    for (const to of [0, 1]) await workers.tell({ to, keys });
    for (const to of [0, 1]) await workers.tell({ to, end: ENDS[kind].at(-1)?.[0] });
    for (let scrape = 0; scrape < 2; scrape++) {
      expect(await workers.sum('wide_total')).toBe(4 * keys);
      expect(await workers.sum(REQUESTS)).toBe(7);
    }
  });

  it('the final report of a worker has histograms and summaries, but no gauges', async () => {
    const timed = { name: 'own_seconds', buckets: [1, 2] };
    await workers.tell({ to: 1, declare: { timed }, observe: { own_seconds: [0.5, 1.5, 1.5] } });
    const quantiles = { name: 'own_summary', quantiles: [0.5] };
    await workers.tell({ to: 1, declare: { timed: quantiles }, observe: { own_summary: [4, 5] } });
    await workers.tell({
      to: 1,
      declare: { inFlight: { name: 'own_active' } },
      set: { own_active: 3 },
    });
    await workers.tell({ to: 1, end: 'exits' });
    expect(await workers.sum('own_seconds_count')).toBe(3);
    expect(await workers.sum('own_seconds_sum')).toBe(3.5);
    expect(await workers.sum('own_summary_sum')).toBe(9);
    expect(await workers.sum('own_active')).toBe(0);
  });

  it('the final report of a worker leaves user metrics as they were at the last scrape', async () => {
    const own = { name: 'own_gauge', value: 2 };
    await workers.tell({ to: 0, gauge: own });
    await workers.tell({ to: 1, gauge: own, counter: { name: 'own_total', value: 5 } });
    expect([await workers.sum('own_gauge'), await workers.sum('own_total')]).toEqual([4, 5]);
    await workers.tell({ to: 1, end: 'exits' });
    expect([await workers.sum('own_gauge'), await workers.sum('own_total')]).toEqual([2, 5]);
  });

  it('a killed worker counts with its values at the last scrape', async () => {
    await workers.tell({ to: 1, times: 40 });
    expect(await workers.sum(REQUESTS)).toBe(47);
    await workers.tell({ to: 1, times: 500 });
    await workers.tell({ to: 1, kill: true });
    expect(await workers.sum(REQUESTS)).toBe(47);
  });
});

describe('a cluster worker', () => {
  let workers: Workers;
  beforeEach(async () => {
    workers = new Workers('cluster');
    await workers.fork(1);
  });
  afterEach(() => workers.stop());

  it('a cluster worker that continues after its channel closes ends well and counts up to that point', async () => {
    await workers.tell({ to: 0, times: 7 });
    const end = 'counts after its channel is closed';
    expect((await workers.tell({ to: 0, end, late: 3 })).code).toBe(0);
    expect(await workers.sum(REQUESTS)).toBe(7);
  });
});
