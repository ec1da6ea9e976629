import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  renderMetrics,
} from '../../src/index';
import { ThriftMetricProducer, type ThriftMetricProducerOptions } from '../../src/opentelemetry';
import { runPrometheus } from '../support/run-prometheus';
import { questionsTo, type Prometheus, type QueryResult } from '../support/start-prometheus';
import { startVictoriaMetrics } from '../support/start-victoria-metrics';
import { startVmagent } from '../support/start-vmagent';
import { parseText, type Sample } from '../support/text-format';
import { Answers, Library } from '../thrift/client/library';
import { clientOf, startTcp } from '../thrift/client/transports';

/** Milliseconds that no test reaches: only `forceFlush` exports. */
const NEVER = 2 ** 31 - 1;

/** A database, and where it is reached by OTLP. */
interface Store extends Pick<Prometheus, 'query'> {
  readonly otlp: string;
}

let prometheus: Store;
let victoria: Store;
const started: { stop(): Promise<void> }[] = [];
/** What the clients saw, by method and outcome. */
const seen = new Map<string, number>();

beforeAll(async () => {
  configureMetrics({ registry: new Registry(), processMetrics: false });
  const database = await startVictoriaMetrics([], '');
  started.push(database);
  victoria = { otlp: database.address, query: database.query };
  const running = await runPrometheus('', { args: ['--web.enable-remote-write-receiver'] });
  started.push(running);
  const agent = await startVmagent(running.address);
  started.push(agent);
  prometheus = { otlp: agent.address, query: questionsTo(running).query };
});

afterAll(() => Promise.all(started.map((each) => each.stop())));

interface Pushing {
  push(): Promise<void>;
}

/** Pushes with the real exporter, under a job of its own. */
function startPushing({ otlp }: Store, job: string, options: ThriftMetricProducerOptions): Pushing {
  const exporter = new OTLPMetricExporter({
    url: `http://${otlp}/opentelemetry/v1/metrics`,
  });
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: NEVER,
    exportTimeoutMillis: NEVER,
    metricProducers: [new ThriftMetricProducer({ ...options, temporality: exporter })],
  });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': job }),
    readers: [reader],
  });
  onTestFinished(() => provider.shutdown());
  return { push: () => reader.forceFlush() };
}

/** Calls a real server over TCP. The clients count what they see. */
async function call(times: number): Promise<void> {
  const handler = instrumentHandler(new Answers() as never, { service: 'Library' });
  const { server, connect } = await startTcp(instrumentService(Library, {}), handler);
  instrumentServer(server as never);
  const client = instrumentClient(clientOf(connect(), Library), { name: 'library' });
  for (let i = 0; i < times; i++) {
    for (const [method, ...args] of [
      ['twice', i % 3 === 0 ? -1 : i],
      ['divide', 1, i % 2],
      ['find', i],
    ] as const) {
      let outcome = 'ok';
      try {
        // oxlint-disable-next-line no-await-in-loop -- one call after another, as a client makes them
        await client[method]?.(...args);
      } catch {
        outcome = 'failed';
      }
      const key = `${method} ${outcome}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
}

/** Waits until a query has a result, because stores show samples a moment after they have taken them. */
function answers(store: Store, expression: string): Promise<readonly QueryResult[]> {
  return vi.waitUntil(
    async () => {
      const results = await store.query(expression);
      return results.length > 0 && results;
    },
    { timeout: 30_000, interval: 100 },
  );
}

/** Waits until a store has this number. */
async function shows(store: Store, expression: string, expected: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const [found, ...others] = await store.query(expression);
      expect(others).toEqual([]);
      expect([expression, Number(found?.value[1])]).toEqual([expression, expected]);
    },
    { timeout: 30_000, interval: 100 },
  );
}

/** Empty labels are absent in a store, and bounds have one spelling. */
function keyOf(name: string, labels: Iterable<readonly [string, string]>): string {
  const pairs = [...labels]
    .filter(([, value]) => value !== '')
    .map(
      ([key, value]) =>
        `${key}=${key === 'le' ? String(Number(value.replace('+Inf', 'Infinity'))) : value}`,
    );
  return `${name}{${pairs.toSorted().join(',')}}`;
}

/** Labels that the stores make of the resource and the scope. */
const isAdded = (name: string): boolean =>
  /^(?:__name__|service.name|scope.(?:name|version))$/.test(name);

async function storedBy(
  store: Store,
  selector: string,
  stored: (value: number) => number,
): Promise<Map<string, number>> {
  const results = await answers(store, selector);
  return new Map(
    results
      .filter(({ metric }) => metric['__name__']?.startsWith('thrift_'))
      .map(({ metric, value }) => [
        keyOf(
          metric['__name__'] ?? '',
          Object.entries(metric).filter(([name]) => !isAdded(name)),
        ),
        stored(Number(value[1])),
      ]),
  );
}

async function scraped(stored: (value: number) => number): Promise<Map<string, number>> {
  const { body } = await renderMetrics();
  return new Map(
    parseText(body.toString()).map(({ name, labels, value }: Sample) => [
      keyOf(name, labels),
      stored(value),
    ]),
  );
}

const exact = (value: number): number => value;
/** VictoriaMetrics stores decimal numbers. */
const rounded = (value: number): number => Number(value.toPrecision(12));

test('Prometheus and VictoriaMetrics store what is pushed as what they would have scraped: every name, label and value', async () => {
  await call(12);
  for (const [store, selector, stored] of [
    [prometheus, '{service_name="scraped-names"}', exact],
    [victoria, String.raw`{service\.name="scraped-names"}`, rounded],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one store after the other
    await startPushing(store, 'scraped-names', {}).push();
    // oxlint-disable-next-line no-await-in-loop -- one store after the other
    const expected = await scraped(stored);
    expect(expected.size).toBeGreaterThan(300);
    // oxlint-disable-next-line no-await-in-loop -- one store after the other
    await vi.waitFor(
      async () => expect(await storedBy(store, selector, stored)).toEqual(expected),
      {
        timeout: 30_000,
        interval: 200,
      },
    );
  }
});

test('the durations by the conventions equal the counts of the clients, by outcome', async () => {
  const pushing = startPushing(prometheus, 'conventions', { naming: 'opentelemetry' });
  const toVictoria = startPushing(victoria, 'conventions', { naming: 'opentelemetry' });
  await call(10);
  await Promise.all([pushing.push(), toVictoria.push()]);

  expect(seen.size).toBe(5);
  for (const [key, expected] of seen) {
    const [method, outcome] = key.split(' ');
    const operator = outcome === 'ok' ? '=' : '!=';
    for (const side of ['server', 'client']) {
      const inPrometheus = `service_name="conventions",rpc_system_name="apache_thrift",rpc_method="Library/${method}",error_type${operator}""`;
      // oxlint-disable-next-line no-await-in-loop -- one query after another
      await shows(
        prometheus,
        `sum(rpc_${side}_call_duration_seconds_count{${inPrometheus}})`,
        expected,
      );
      const inVictoria = String.raw`service\.name="conventions",rpc\.system\.name="apache_thrift",rpc\.method="Library/${method}",error\.type${operator}""`;
      // oxlint-disable-next-line no-await-in-loop -- one query after another
      await shows(
        victoria,
        `sum({__name__="rpc.${side}.call.duration_count",${inVictoria}})`,
        expected,
      );
    }
  }
});

test('exponential histograms have the count and the quantiles of the native buckets', async () => {
  configureMetrics({ nativeHistograms: true });
  onTestFinished(() => configureMetrics({ nativeHistograms: false }));
  seen.clear();
  const pushing = startPushing(victoria, 'exponential', {});
  await call(20);
  await pushing.push();
  const of = String.raw`service\.name="exponential",thrift_method="twice"`;
  const succeeded = `${of},thrift_success="true"`;

  await shows(
    victoria,
    `thrift_client_latency_seconds_count{${succeeded}}`,
    seen.get('twice ok') ?? NaN,
  );
  const ranges = await answers(victoria, `thrift_client_latency_seconds_bucket{${succeeded}}`);
  const counts = ranges.map(({ value }) => Number(value[1]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(seen.get('twice ok'));
  const [median] = await answers(
    victoria,
    `histogram_quantile(0.5, sum(thrift_client_latency_seconds_bucket{${succeeded}}) by (vmrange))`,
  );
  expect(Number(median?.value[1])).toBeGreaterThan(0);
});
