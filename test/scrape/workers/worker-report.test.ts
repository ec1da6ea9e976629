import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import { configureMetrics, Counted } from '../../../src/index';
import { currentRuntime, Runtime } from '../../../src/runtime/runtime';
import type { WorkerValues } from '../../../src/scrape/workers/peer';
import {
  finalContents,
  finalReport,
  ownContents,
  reportedContents,
  WorkerReport,
  type Content,
} from '../../../src/scrape/workers/worker-report';

const runtime = currentRuntime();
const REPORTS: readonly WorkerValues[] = [
  { families: ['families 1', 'families 2'], userMetrics: ['user 1'] },
  { families: ['families 3'], userMetrics: [] },
];

class Orders {
  @Counted({ name: 'orders_total' })
  place(): void {}
}

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry });
  new Orders().place();
  new Gauge({ name: 'own', help: 'x', registers: [registry] }).set(3);
  new Counter({ name: 'own_total', help: 'x', registers: [registry] }).inc(2);
});

async function read(contents: AsyncIterable<Content>): Promise<Content[]> {
  const found: Content[] = [];
  for await (const content of contents) found.push(content);
  return found;
}

/** The names of the metrics in what this process adds, by kind. */
function namesIn(contents: readonly Content[]): Record<string, string[]> {
  const names: Record<string, string[]> = {};
  for (const { kind, body } of contents) {
    if (!body.startsWith('[')) continue;
    (names[kind] ??= []).push(
      ...(JSON.parse(body) as { name: string }[])
        .map(({ name }) => name)
        .filter((name) => /^(own|orders)/.test(name)),
    );
  }
  return names;
}

const reportedIn = (contents: Iterable<Content>): Content[] =>
  [...contents].filter(({ body }) => !body.startsWith('['));

const families = (body: string): Content => ({ kind: 'families', body });
const userMetrics = (body: string): Content => ({ kind: 'userMetrics', body });

describe('a report', () => {
  it("a report has the metrics of this process, then the user's, then what others reported", async () => {
    const contents = await read(ownContents(runtime, async () => REPORTS));
    expect(namesIn(contents)).toEqual({
      families: ['orders_total'],
      userMetrics: ['own', 'own_total'],
    });
    expect(contents.slice(-4)).toEqual([
      families('families 1'),
      families('families 2'),
      userMetrics('user 1'),
      families('families 3'),
    ]);
  });

  it("a report has what can be summed of the user's metrics, with the default labels of the registry", async () => {
    registry.setDefaultLabels({ zone: 'b', op: 'default' });
    new Histogram({
      name: 'own_sizes',
      help: 'x',
      labelNames: ['op'],
      buckets: [5],
      registers: [registry],
    }).observe({ op: 'add' }, 3);
    new Summary({
      name: 'own_times',
      help: 'x',
      percentiles: [0.5],
      registers: [registry],
    }).observe(4);
    new Gauge({
      name: 'own_failing',
      help: 'x',
      registers: [registry],
      collect: () => {
        throw new Error('no value');
      },
    });
    const reported: unknown[] = [];
    configureMetrics({ onError: (_error, site) => reported.push(site) });
    const metrics = (await read(ownContents(runtime, async () => [])))
      .filter(({ kind }) => kind === 'userMetrics')
      .flatMap(({ body }) => JSON.parse(body) as { name: string; values: object[] }[]);
    expect(metrics.map(({ name }) => name)).toEqual(['own', 'own_total', 'own_sizes', 'own_times']);
    const [, , sizes, times] = metrics;
    const labels = { zone: 'b', op: 'add' };
    expect(sizes).toEqual({
      name: 'own_sizes',
      help: 'x',
      type: 'histogram',
      aggregator: 'sum',
      values: [
        { labels: { ...labels, le: 5 }, value: 1, metricName: 'own_sizes_bucket' },
        { labels: { ...labels, le: '+Inf' }, value: 1, metricName: 'own_sizes_bucket' },
        { labels, value: 3, metricName: 'own_sizes_sum' },
        { labels, value: 1, metricName: 'own_sizes_count' },
      ],
    });
    // A quantile over all processes cannot be computed from those of each.
    expect(times?.values.map((sample) => (sample as { metricName?: string }).metricName)).toEqual([
      'own_times_sum',
      'own_times_count',
    ]);
    expect(reported).toHaveLength(1);
  });

  it('a report fails if the reports of others fail, after what this process has', async () => {
    const failure = new Error('no reports');
    const contents = ownContents(runtime, async () => Promise.reject(failure));
    expect((await contents.next()).value).toMatchObject({ kind: 'families' });
    await expect(read(contents)).rejects.toBe(failure);
  });

  it('a report that is given up does not fail, even if the reports of others do', async () => {
    const contents = ownContents(runtime, async () => Promise.reject(new Error('no reports')));
    await contents.next();
    await contents.return(undefined);
    // An unhandled rejection would fail this file.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('the contents of reports are everything that has arrived', () => {
    expect([...reportedContents(REPORTS)]).toEqual([
      families('families 1'),
      families('families 2'),
      userMetrics('user 1'),
      families('families 3'),
    ]);
  });

  it('a report is sent in numbered chunks, each but the first in its own turn, and ends with an empty one', async () => {
    let turn = 0;
    const count = (): void => {
      turn++;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    async function* contents() {
      yield families('a');
      yield userMetrics('b');
    }
    const report = new WorkerReport(7, contents());
    const type = 'thrift-metrics.3:chunk';
    const expected = [families('a'), userMetrics('b'), { kind: 'end', body: '' }];
    for (const [index, content] of expected.entries()) {
      const before = turn;
      // oxlint-disable-next-line no-await-in-loop -- one chunk after another
      expect(await report.next()).toEqual({ type, threadId: 0, id: 7, index, ...content });
      expect(turn > before).toBe(index > 0);
    }
    clearImmediate(immediate);
  });
});

describe('a final report', () => {
  it("a final report has families of this process and of others, and no user's metrics", () => {
    const contents = [...finalContents(runtime, REPORTS)];
    expect(namesIn(contents)).toEqual({ families: ['orders_total'] });
    expect(reportedIn(contents)).toEqual([
      families('families 1'),
      families('families 2'),
      families('families 3'),
    ]);
  });

  it('a final report is numbered without a gap, and ends with an empty chunk', () => {
    const chunks = [...finalReport(runtime, REPORTS)];
    expect(chunks.map(({ id, index }) => [id, index])).toEqual(chunks.map((_, i) => [0, i]));
    expect(chunks.at(-1)).toMatchObject({ kind: 'end', body: '' });
    expect(chunks.filter(({ kind }) => kind === 'end')).toHaveLength(1);
  });

  it('a final report is not sent if there is nothing to report', () => {
    expect([...finalReport(new Runtime(), [])]).toEqual([]);
  });
});
