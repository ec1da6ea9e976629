import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { KINDS, Workers } from './start-workers';

const REQUESTS = 'thrift_server_requests_total';

/** Each with the code that the worker ends with. */
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

  describe.each([...ENDS[kind]])('a worker that ends so: %s', (end, code) => {
    it('has counted exactly, and ends as it would have without us', async () => {
      await workers.tell({ to: 1, times: 40 });
      expect(await workers.sum(REQUESTS)).toBe(47);
      await workers.tell({ to: 1, times: 500 });
      expect((await workers.tell({ to: 1, end })).code).toBe(code);
      expect(await workers.sum(REQUESTS)).toBe(547);
      await workers.tell({ to: 0, times: 1 });
      expect(await workers.sum(REQUESTS)).toBe(548);
    });

    it('has counted exactly, too, when nobody had asked it before', async () => {
      await workers.tell({ to: 1, times: 500 });
      await workers.tell({ to: 1, end });
      expect(await workers.sum(REQUESTS)).toBe(507);
      expect(await workers.sum(REQUESTS)).toBe(507);
    });
  });

  it('a worker of many series has all of them, and none twice', async () => {
    // More than a pipe holds would depend on how busy the machine is.
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

  it('has histograms and summaries, but no gauges', async () => {
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

  it("leaves the program's own metrics as they were at the last scrape", async () => {
    const own = { name: 'own_gauge', value: 2 };
    await workers.tell({ to: 0, gauge: own });
    await workers.tell({ to: 1, gauge: own, counter: { name: 'own_total', value: 5 } });
    expect([await workers.sum('own_gauge'), await workers.sum('own_total')]).toEqual([4, 5]);
    await workers.tell({ to: 1, end: 'exits' });
    expect([await workers.sum('own_gauge'), await workers.sum('own_total')]).toEqual([2, 5]);
  });

  it('a worker that is killed has counted what it had at the last scrape', async () => {
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

  it('that goes on after its channel is closed ends well, and has counted up to then', async () => {
    await workers.tell({ to: 0, times: 7 });
    const end = 'counts after its channel is closed';
    expect((await workers.tell({ to: 0, end, late: 3 })).code).toBe(0);
    expect(await workers.sum(REQUESTS)).toBe(7);
  });
});
