import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { Peer } from '../../../src/scrape/workers/peer';
import { PeerSet } from '../../../src/scrape/workers/peer-set';
import type { Chunk, Request } from '../../../src/scrape/workers/worker-messages';
import { settled } from '../../support/settled';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

let reports: unknown[];
let set: PeerSet;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  reports = [];
  configureMetrics({ registry: new Registry(), onError: (_error, site) => reports.push(site) });
  set = new PeerSet(currentRuntime());
});
afterEach(() => vi.useRealTimers());

/** A worker that answers when the test says so. */
class Worker {
  readonly asked: Request[] = [];
  readonly peer: Peer;

  constructor(readonly pid: number) {
    const named = { pid, worker: pid, thread: 0 };
    this.peer = new Peer((request) => this.asked.push(request), undefined, named);
    set.peers.add(this.peer);
  }

  /** Answers the latest request with a counter of this value. */
  report(value: number, type = 'counter'): void {
    const families = JSON.stringify([familyOf(value, type)]);
    const userMetrics = JSON.stringify([
      { ...OWN, name: `own_${type}`, type, values: [{ labels: {}, value }] },
    ]);
    this.send(0, 'families', families);
    this.send(1, 'userMetrics', userMetrics);
    this.send(2, 'end');
  }

  send(index: number, kind: Chunk['kind'], body = ''): void {
    const id = this.asked.findLast((request) => request.index === 0)?.id ?? 0;
    this.peer.receive({ type: 'thrift-metrics.3:chunk', threadId: 0, id, index, kind, body });
  }
}

const OWN = { help: 'x', aggregator: 'sum' };

function familyOf(value: number, type: string): object {
  const series = [['a="1"', type === 'counter' ? [value, null, 0] : value]];
  return { name: `family_${type}`, type, help: 'x', aggregator: 'sum', points: [], series };
}

/** The values of families and user's metrics in reports, in their order. */
function valuesIn(values: Awaited<ReturnType<PeerSet['collect']>>): unknown[] {
  return values.map(({ families, userMetrics }) => [
    families.flatMap((body) =>
      (JSON.parse(body) as { series: [string, number | number[]][] }[]).flatMap(({ series }) =>
        series.map(([, cell]) => (Array.isArray(cell) ? cell[0] : cell)),
      ),
    ),
    userMetrics.flatMap((body) =>
      (JSON.parse(body) as { values: { value: number }[] }[]).flatMap((metric) =>
        metric.values.map(({ value }) => value),
      ),
    ),
  ]);
}

const NOTHING = [[], []];

describe('PeerSet', () => {
  it('a set of peers is empty until a worker announces itself', async () => {
    expect([set.size, set.isEmpty]).toEqual([0, true]);
    expect(valuesIn(await set.collect())).toEqual([NOTHING]);
    const { peer } = new Worker(1);
    expect([set.size, set.isEmpty]).toEqual([1, false]);
    expect(valuesIn(set.latest())).toEqual([NOTHING, NOTHING]);
    peer.end();
    await set.collect();
    expect([set.size, set.isEmpty]).toEqual([0, true]);
  });

  it('all workers are asked at once, and the round ends when all have answered', async () => {
    const [first, second] = [new Worker(1), new Worker(2)];
    const reading = set.collect();
    first.report(1);
    await settled();
    second.report(2);
    expect(valuesIn(await reading)).toEqual([NOTHING, [[1], [1]], [[2], [2]]]);
    expect(valuesIn(set.latest())).toEqual([NOTHING, [[1], [1]], [[2], [2]]]);
  });

  it('a scrape that comes after a worker has reported is not answered with that report', async () => {
    const worker = new Worker(1);
    const first = set.collect();
    worker.report(1);
    const second = set.collect();
    expect(valuesIn(await first)).toEqual([NOTHING, [[1], [1]]]);
    await settled();
    worker.report(2);
    expect(valuesIn(await second)).toEqual([NOTHING, [[2], [2]]]);
    const firsts = worker.asked.filter(({ index }) => index === 0).map(({ id }) => id);
    expect(firsts).toHaveLength(2);
    expect(firsts[1]).toBeGreaterThan(firsts[0] as number);
  });

  it('the latest report of a worker counts while it does not answer, and a late one is used next', async () => {
    const worker = new Worker(1);
    const first = set.collect();
    worker.report(1);
    await first;
    const second = set.collect();
    await settled();
    vi.advanceTimersByTime(1000);
    expect(valuesIn(await second)).toEqual([NOTHING, [[1], [1]]]);
    worker.report(2);
    expect(valuesIn(set.latest())).toEqual([NOTHING, [[2], [2]]]);
  });

  it('a worker that sends chunk after chunk is waited for no longer than the deadline', async () => {
    const worker = new Worker(1);
    const reading = set.collect(1500);
    worker.send(0, 'families', '[]');
    await settled();
    vi.advanceTimersByTime(900);
    worker.send(1, 'families', '[]');
    await settled();
    vi.advanceTimersByTime(600);
    expect(valuesIn(await reading)).toEqual([NOTHING, NOTHING]);
    worker.send(2, 'end');
    expect(worker.peer.last?.families).toEqual(['[]', '[]']);
  });

  it('counters of workers that are gone are kept as one sum, and gauges are not', async () => {
    const [first, second, third] = [new Worker(1), new Worker(2), new Worker(3)];
    const reading = set.collect();
    first.report(1);
    second.report(2);
    third.report(40, 'gauge');
    await reading;
    for (const { peer } of [first, second, third]) peer.end();
    expect(valuesIn(await set.collect())).toEqual([[[3], [3]]]);
    expect([set.size, set.isEmpty]).toEqual([0, false]);
    const fourth = new Worker(4);
    const next = set.collect();
    fourth.report(4);
    expect(valuesIn(await next)).toEqual([
      [[3], [3]],
      [[4], [4]],
    ]);
    fourth.peer.end();
    expect(valuesIn(await set.collect())).toEqual([[[7], [7]]]);
    expect(reports).toEqual([]);
  });

  it('histograms and summaries of workers that are gone are kept', async () => {
    const common = { help: 'x', aggregator: 'sum', labelNames: undefined };
    const families = [
      {
        ...common,
        name: 'h',
        type: 'histogram',
        points: [1],
        series: [['', [6, [1, 2], null, [], 5]]],
      },
      { ...common, name: 's', type: 'summary', points: [0.5], series: [['', [6, 3, 0, [], 5]]] },
    ];
    const parts = (name: string) =>
      ['sum', 'count'].map((part) => ({ labels: {}, value: 3, metricName: `${name}_${part}` }));
    const userMetrics = [
      { ...common, name: 'uh', type: 'histogram', values: parts('uh') },
      { ...common, name: 'us', type: 'summary', values: parts('us') },
    ];
    const worker = new Worker(1);
    const reading = set.collect();
    worker.send(0, 'families', JSON.stringify(families));
    worker.send(1, 'userMetrics', JSON.stringify(userMetrics));
    worker.send(2, 'end');
    await reading;
    worker.peer.end();
    const [retired] = await set.collect();
    const namesIn = (bodies: readonly string[] = []): string[] =>
      bodies.flatMap((body) => (JSON.parse(body) as { name: string }[]).map(({ name }) => name));
    expect(namesIn(retired?.families)).toEqual(['h', 's']);
    expect(namesIn(retired?.userMetrics)).toEqual(['uh', 'us']);
    expect(reports).toEqual([]);
  });

  it('a worker that is gone is not asked', async () => {
    const worker = new Worker(1);
    worker.peer.end();
    expect(await set.collectCalls('calls', 500)).toEqual([]);
    expect(worker.asked).toEqual([]);
    const reading = set.collect();
    expect(worker.asked).toEqual([]);
    await reading;
  });

  it('calls of all workers are read at the same time, and one that does not answer is marked', async () => {
    const [first, second] = [new Worker(1), new Worker(2)];
    const reading = set.collectCalls('bare calls', 500);
    const answer = [{ process: { pid: 1, worker: 1, thread: 0 }, read: null }];
    first.send(0, 'calls', JSON.stringify(answer));
    await settled();
    vi.advanceTimersByTime(500);
    expect(await reading).toEqual([
      ...answer,
      { process: { pid: 2, worker: 2, thread: 0 }, read: null },
    ]);
    expect([first, second].map(({ asked }) => asked.map(({ subject }) => subject))).toEqual([
      ['bare calls'],
      ['bare calls'],
    ]);
    expect(reports).toEqual([]);
  });

  it('a worker that ends while its calls are awaited has none', async () => {
    const worker = new Worker(1);
    const reading = set.collectCalls('calls', 500);
    worker.peer.end();
    expect(await reading).toEqual([]);
  });

  it('requests for calls and for reports have different ids', async () => {
    const worker = new Worker(1);
    const calls = set.collectCalls('calls', 500);
    worker.peer.end();
    await calls;
    const other = new Worker(2);
    const more = set.collectCalls('calls', 500);
    other.peer.end();
    await more;
    expect(other.asked[0]?.id).toBeGreaterThan(worker.asked[0]?.id as number);
  });
});
