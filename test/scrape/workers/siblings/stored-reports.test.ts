import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Counter, Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics, Counted, resetMetrics } from '../../../../src/index';
import { currentRuntime } from '../../../../src/runtime/runtime';
import type { WorkerValues } from '../../../../src/scrape/workers/peer';
import { PeerSet } from '../../../../src/scrape/workers/peer-set';
import { ReportStore } from '../../../../src/scrape/workers/siblings/report-store';
import { StoredReports } from '../../../../src/scrape/workers/siblings/stored-reports';
import { eventually } from '../../../support/eventually';

vi.mock('../../../../src/metrics/clock', () => import('../../../support/fakeable-clock.js'));

class Orders {
  @Counted({ name: 'orders_total' }) place(): void {}
}
const orders = new Orders();

const onError = vi.fn<(error: unknown, site: string) => void>();
let folder: string;
let store: ReportStore;
let reports: StoredReports;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tm-'));
  store = new ReportStore(folder);
  onError.mockReset();
  const registry = new Registry();
  configureMetrics({ registry, onError });
  resetMetrics();
  new Counter({ name: 'own_total', help: 'x', registers: [registry] }).inc(3);
  new Gauge({ name: 'other', help: 'x', registers: [registry] }).set(1);
  reports = new StoredReports(currentRuntime(), new PeerSet(currentRuntime()), store);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** What a report says about the orders, and the names of the user's metrics that it has. */
function contentsOf({ families, userMetrics }: WorkerValues): [unknown, string[]] {
  type Encoded = { name: string; series: [string, [number]][] };
  const all = families.flatMap((body) => JSON.parse(body) as Encoded[]);
  const own = userMetrics.flatMap((body) => JSON.parse(body) as { name: string }[]);
  const count = all.find(({ name }) => name === 'orders_total')?.series[0]?.[1][0];
  return [count, own.map(({ name }) => name)];
}

const stored = async (): Promise<[unknown, string[]]> =>
  contentsOf(await store.read(store.instance));

/** Lets time pass, and waits for the report after it, until which the next is not scheduled. */
async function pass(milliseconds: number): Promise<void> {
  vi.advanceTimersByTime(milliseconds);
  await eventually(() => expect(vi.getTimerCount()).toBe(1));
}

describe('a report that is requested', () => {
  it('a report is stored when it is returned', async () => {
    orders.place();
    const report = await reports.report();
    expect(contentsOf(report)).toEqual([1, ['own_total', 'other']]);
    expect(await store.read(store.instance)).toEqual(report);
  });

  it('a report is stored when its last part is requested', async () => {
    orders.place();
    for await (const { kind } of reports.contents()) {
      expect(['families', 'userMetrics']).toContain(kind);
      expect(store.instances()).toEqual([]);
    }
    expect(await stored()).toEqual([1, ['own_total', 'other']]);
  });
});

describe('a final report', () => {
  it("a final report has the families as they are, and the user's metrics of the latest report", async () => {
    await reports.report();
    orders.place();
    reports.storeFinal();
    expect(await stored()).toEqual([1, ['own_total', 'other']]);
  });

  it("a final report has no user's metrics if there was no report before", async () => {
    orders.place();
    reports.storeFinal();
    expect(await stored()).toEqual([1, []]);
    expect(onError).not.toHaveBeenCalled();
  });

  it('a final report that cannot be stored is reported, and never throws', () => {
    rmSync(folder, { recursive: true });
    reports.storeFinal();
    expect(onError.mock.calls.map(([, site]) => site)).toEqual(['worker']);
  });
});

describe('reports that are stored without a request', () => {
  it("reports without a request have the families once a second, and the user's metrics of the latest report", async () => {
    reports.keepStoring();
    orders.place();
    await pass(999);
    expect(store.instances()).toEqual([]);
    await pass(1);
    expect(await stored()).toEqual([1, []]);
    await reports.report();
    orders.place();
    await pass(1000);
    expect(await stored()).toEqual([2, ['own_total', 'other']]);
  });

  it('reports without a request are not stored again while no family has changed', async () => {
    const save = vi.spyOn(store, 'save');
    reports.keepStoring();
    await pass(1000);
    await pass(1000);
    await pass(1000);
    expect(save).toHaveBeenCalledOnce();
    orders.place();
    await pass(1000);
    expect(save).toHaveBeenCalledTimes(2);
    expect(onError).not.toHaveBeenCalled();
  });

  it('reports without a request continue after one that could not be stored', async () => {
    vi.spyOn(store, 'save').mockRejectedValueOnce(new Error('full'));
    reports.keepStoring();
    orders.place();
    await pass(1000);
    expect(onError.mock.calls).toEqual([[new Error('full'), 'worker']]);
    await pass(1000);
    expect(await stored()).toEqual([1, []]);
  });

  it('reports without a request take at most a fiftieth of the time', async () => {
    const save = vi.spyOn(store, 'save').mockImplementation(async () => {
      vi.advanceTimersByTime(100);
    });
    reports.keepStoring();
    await pass(1000);
    orders.place();
    await pass(4999);
    expect(save).toHaveBeenCalledOnce();
    await pass(1);
    expect(save).toHaveBeenCalledTimes(2);
  });
});
