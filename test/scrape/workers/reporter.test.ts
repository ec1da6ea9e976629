import { Counter, Registry, Summary } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import { configureMetrics, Instrumented } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { decodeUserMetrics } from '../../../src/scrape/workers/encoded-user-metric';
import { FamilySum } from '../../../src/scrape/workers/family-sum';
import { Peer } from '../../../src/scrape/workers/peer';
import { ReportedNames } from '../../../src/scrape/workers/reported-names';
import { Reporter } from '../../../src/scrape/workers/reporter';
import { sumOverWorkers } from '../../../src/scrape/workers/sum-over-workers';
import { collectSummable } from '../../../src/scrape/workers/user-metric-sum';
import type { Chunk, Request } from '../../../src/scrape/workers/worker-messages';
import { registryContents } from '../../../src/scrape/contents';

@Instrumented({ service: 'Reported' })
class ReportedHandler {
  add(): void {}
}

const runtime = currentRuntime();
const reports: unknown[] = [];
let registry: Registry;
beforeEach(() => {
  reports.length = 0;
  registry = new Registry();
  configureMetrics({
    registry,
    defaultLabels: { zone: 'b' },
    onError: (_error, site) => reports.push(site),
  });
  new ReportedHandler().add();
  const own = new Counter({
    name: 'own_total',
    help: 'Own.',
    labelNames: ['op'],
    registers: [registry],
  });
  own.inc({ op: 'x' }, 3);
  const times = new Summary({ name: 'own_seconds', help: 'Own.', registers: [registry] });
  times.observe(2);
});

const request = (id: number, index: number): Request => ({
  type: 'thrift-metrics.3:request',
  id,
  index,
});

/** Sends messages to a reporter, and returns what it answers. */
async function answersTo(...messages: unknown[]): Promise<Chunk[]> {
  const reporter = new Reporter(runtime);
  const chunks: Chunk[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one message after another
  for (const message of messages) await reporter.receive(message, (chunk) => chunks.push(chunk));
  return chunks;
}

/** The names and values of user's metrics without those of the process. */
const ownValues = (metrics: readonly { name: string; values: readonly object[] }[]) =>
  metrics.filter(({ name }) => name.startsWith('own')).map(({ name, values }) => [name, values]);

const OWN = [
  ['own_total', [{ labels: { zone: 'b', op: 'x' }, value: 3 }]],
  [
    'own_seconds',
    [
      { labels: { zone: 'b' }, value: 2, metricName: 'own_seconds_sum' },
      { labels: { zone: 'b' }, value: 1, metricName: 'own_seconds_count' },
    ],
  ],
];

const requestsIn = (sum: FamilySum): string[] =>
  sum
    .families()
    .filter(({ registeredName }) => registeredName === 'thrift_server_requests_total')
    .flatMap((family) => [...family.series()].map(({ text }) => text))
    .filter((text) => text.includes('Reported'));

describe('a report', () => {
  test('has the families of this package and the metrics of the program, with default labels', async () => {
    const reporter = new Reporter(runtime);
    const peer: Peer = new Peer(
      (asked) => void reporter.receive(asked, (chunk) => peer.receive(chunk)),
    );
    expect(reporter.wasRequested).toBe(false);
    await peer.ask(1);
    expect(reporter.wasRequested).toBe(true);
    const values = peer.last ?? { families: [], userMetrics: [] };
    const sum = new FamilySum(runtime.faults, () => true);
    for (const body of values.families) sum.addBody(body);
    expect(requestsIn(sum)).toEqual(['thrift_method="add",thrift_service="Reported",zone="b"']);
    const metrics = values.userMetrics.flatMap((body) => decodeUserMetrics(runtime.faults, body));
    expect(ownValues(metrics)).toEqual(OWN);

    const names = new ReportedNames(runtime.faults);
    const found = await names.of([values, values, { families: ['no JSON'], userMetrics: [] }]);
    const own = found.filter(({ name }) => /^own|^thrift_server_requests_total$/.test(name));
    const each = [
      { name: 'thrift_server_requests_total', type: 'counter' },
      { name: 'own_total', type: 'counter' },
      { name: 'own_seconds', type: 'summary' },
    ];
    expect(own).toEqual([...each, ...each]);
    expect(reports).toEqual([]);
  });

  test('is sent chunk by chunk, each when it is requested', async () => {
    const [first, second] = await answersTo(request(4, 0), request(4, 1));
    expect(first).toMatchObject({ type: 'thrift-metrics.3:chunk', threadId: 0, id: 4, index: 0 });
    expect(first?.kind).toBe('families');
    expect([second?.id, second?.index]).toEqual([4, 1]);
  });

  test('is not continued after a later one was requested, and other messages are ignored', async () => {
    const chunks = await answersTo(
      { type: 'own' },
      request(2, 1),
      request(2, 0),
      request(3, 0),
      request(2, 1),
      { type: 'thrift-metrics.3:hello', threadId: 1 },
    );
    expect(chunks.map(({ id, index }) => [id, index])).toEqual([
      [2, 0],
      [3, 0],
    ]);
  });

  test('that cannot be sent is reported', async () => {
    const fault = (): never => {
      throw new Error('closed');
    };
    const reporter = new Reporter(runtime);
    await reporter.receive(request(1, 0), fault);
    reporter.sendFinalReport(fault);
    expect(reports).toEqual(['worker']);
  });
});

test('a final report has the families in one go, and an end', () => {
  const chunks: Chunk[] = [];
  new Reporter(runtime).sendFinalReport((chunk) => chunks.push(chunk));
  expect(chunks.map(({ index }) => index)).toEqual([...chunks.keys()]);
  expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set([0]));
  expect(chunks.slice(0, -1).every(({ kind }) => kind === 'families')).toBe(true);
  expect(chunks.at(-1)).toMatchObject({ kind: 'end', body: '' });
  const sum = new FamilySum(runtime.faults, () => true);
  for (const { kind, body } of chunks) if (kind === 'families') sum.addBody(body);
  expect(requestsIn(sum)).toHaveLength(1);
});

describe('the sum of a process without workers', () => {
  test('has what is wanted of the families and of the metrics of the program', async () => {
    const wanted = new Set(['thrift_server_requests_total', 'own_total']);
    const { families, userMetrics } = await sumOverWorkers(runtime, 1_000, ({ name }) =>
      wanted.has(name),
    );
    expect(families.map(({ registeredName }) => registeredName)).toEqual([
      'thrift_server_requests_total',
    ]);
    expect(userMetrics.map(({ name }) => name)).toEqual(['own_total']);
    expect(userMetrics[0]?.values).toEqual([
      expect.objectContaining({ labels: { zone: 'b', op: 'x' }, value: 3 }),
    ]);
  });

  test('leaves out and reports a metric of the program that fails', async () => {
    const broken = new Counter({ name: 'broken_total', help: 'x', registers: [registry] });
    broken.get = () => Promise.reject(new Error('broken'));
    const contents = registryContents(runtime);
    const metrics = await collectSummable(runtime.faults, contents, 1_000);
    expect(metrics.map(({ name }) => name)).not.toContain('broken_total');
    expect(ownValues(metrics)).toEqual(OWN);
    expect(reports).toHaveLength(1);
  });
});

test('a metric of the program with the name of a family is left out and reported once', () => {
  const sum = new FamilySum(runtime.faults, ({ name }) => name !== 'unwanted');
  const family = { type: 'counter', help: 'x', aggregator: 'sum', points: [], series: [] } as const;
  sum.add({ ...family, name: 'taken_total' });
  sum.add({ ...family, name: 'unwanted' });
  expect(sum.families().map(({ registeredName }) => registeredName)).toEqual(['taken_total']);
  expect(sum.refuseUserMetric('free_total')).toBe(false);
  expect(sum.refuseUserMetric('taken_total')).toBe(true);
  expect(sum.refuseUserMetric('taken_total')).toBe(true);
  expect(reports).toEqual(['sum:taken_total']);
});
