import { context, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentService,
  startMetricsServer,
  type MetricsServer,
} from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { startPrometheus, type Prometheus } from '../support/start-prometheus';
import { startThrift, thrift, type Service, type ThriftServer } from '../support/start-thrift';

const Calculator = require('../../examples/calculator/gen-nodejs/Calculator.js') as Service;

interface CalculatorClient {
  add(left: number, right: number): Promise<number>;
  mean(values: number[]): Promise<number>;
}

const BUCKETS = [0.5, 60];
const LATENCIES = 'thrift_server_latency_seconds_bucket{thrift_service="Traced"}';
const ERRORS = 'thrift_server_errors_total{thrift_service="Traced"}';

const exporter = new InMemorySpanExporter();
let disable: () => void;
let service: ThriftServer;
let metrics: MetricsServer;
let prometheus: Prometheus;

/** Calls within the context of this span are not sampled. */
const UNSAMPLED = trace.setSpanContext(context.active(), {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 0,
});

beforeAll(async () => {
  // Its default sampler follows the decision of the parent, and samples spans without one.
  new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  }).register();
  configureMetrics({ registry: new Registry(), buckets: BUCKETS });
  disable = enableTracing();
  const handler = {
    // The first operand is the time that it takes, in milliseconds.
    async add(left: number, right: number): Promise<number> {
      await new Promise((resolve) => setTimeout(resolve, left));
      return left + right;
    },
    async mean(_values: number[]): Promise<number> {
      throw new RangeError('the mean of no values');
    },
  };
  service = await startThrift(
    instrumentService(Calculator),
    instrumentHandler(handler, { service: 'Traced' }),
  );
  const connection = thrift.createConnection('127.0.0.1', service.port, {});
  const client = instrumentClient(
    thrift.createClient<CalculatorClient>(Calculator as never, connection),
  );
  await client.add(0, 1);
  await client.add(600, 1);
  await expect(client.mean([])).rejects.toThrow('no values');
  // Later than the others, and in the same buckets.
  for (const duration of [0, 600])
    await context.with(UNSAMPLED, async () => client.add(duration, 2));
  connection.end();
  metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  prometheus = await startPrometheus(`127.0.0.1:${metrics.port}`, ['exemplar-storage']);
});

afterAll(async () => {
  disable?.();
  trace.disable();
  context.disable();
  await prometheus?.stop();
  await metrics?.close();
  await service?.close();
});

function serverSpans(method: string): ReadableSpan[] {
  return exporter.getFinishedSpans().filter(({ name }) => name === `Traced/${method}`);
}

function exemplarsOf(selector: string): ReturnType<Prometheus['exemplars']> {
  return vi.waitUntil(
    async () => {
      const found = await prometheus.exemplars(selector);
      return found.length > 0 ? found : undefined;
    },
    { timeout: 60_000, interval: 100 },
  );
}

test('Prometheus returns, for each latency bucket, the id of the sampled trace of a call in it', async () => {
  const found = await exemplarsOf(LATENCIES);

  const exemplars = found.flatMap(({ seriesLabels, exemplars: each }) =>
    each.map(({ labels, value }) => ({
      method: seriesLabels['thrift_method'],
      le: Number(seriesLabels['le']),
      labels,
      value: Number(value),
    })),
  );
  const ids = (method: string) =>
    serverSpans(method).map((span) => {
      const { traceId, spanId } = span.spanContext();
      return { trace_id: traceId, span_id: spanId };
    });
  const [fast, slow, ...others] = ids('add');
  expect(others).toEqual([]);
  const add = exemplars.filter(({ method }) => method === 'add');
  expect(add.map(({ labels }) => labels)).toEqual(expect.arrayContaining([fast, slow]));
  expect(exemplars).toHaveLength(3);
  for (const { labels } of exemplars.filter(({ method }) => method === 'mean'))
    expect(labels).toEqual(ids('mean')[0]);
  for (const { le, value } of exemplars) {
    const below = BUCKETS.findLast((bound) => bound < le) ?? 0;
    expect(value).toBeGreaterThan(below);
    expect(value).toBeLessThanOrEqual(le);
  }
});

test('Prometheus returns, for an error count, the id of the trace of the failure', async () => {
  const [span] = serverSpans('mean');

  const found = await exemplarsOf(ERRORS);

  expect(found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels))).toEqual([
    { trace_id: span?.spanContext().traceId, span_id: span?.spanContext().spanId },
  ]);
});

test('calls that are not sampled are counted, and have no exemplar', async () => {
  await exemplarsOf(LATENCIES);

  const [counted, ...others] = await prometheus.query(
    'thrift_server_latency_seconds_count{thrift_service="Traced",thrift_method="add"} > 0',
  );

  expect(others).toEqual([]);
  expect(Number(counted?.value[1])).toBe(4);
  const traces = (await prometheus.exemplars(LATENCIES)).flatMap(({ exemplars }) =>
    exemplars.map(({ labels }) => labels['trace_id']),
  );
  expect(traces).not.toContain('0af7651916cd43dd8448eb211c80319c');
});
