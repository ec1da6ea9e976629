import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  ErrorsCounted,
  startMetricsServer,
  ThriftService,
  Timed,
  type MetricsServer,
} from '../../src/index';
import { familyNamed, seriesWith } from '../support/family-named';
import { startPrometheus, type Prometheus, type QueryResult } from '../support/start-prometheus';

const TRACE = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };
const LATENCY = 'thrift_server_latency_seconds';
const ERRORS = 'thrift_server_errors_total';
const ERROR_COUNT = 7;

/** From 1 ms to 10 s, each 0.4 % above the previous one, so that every quantile is known. */
const LATENCIES = Array.from({ length: 2303 }, (_, i) => 0.001 * 1.004 ** i);
const SUM = LATENCIES.reduce((sum, latency) => sum + latency, 0);

/** Ratio of a bucket's upper bound to its lower one. At resolution 3, eight buckets cover a factor of two. */
const BUCKET_RATIO = 2 ** (1 / 8);

@ThriftService('Scraped')
class ScrapedHandler {
  @Timed
  @ErrorsCounted
  run(fails: boolean): void {
    if (fails) throw new RangeError('failed on purpose');
  }

  @Timed idle(): void {}
}

let server: MetricsServer;
let plain: Prometheus;
let withExemplars: Prometheus;
let withBoth: Prometheus;

beforeAll(async () => {
  const registry = new Registry();
  configureMetrics({
    registry,
    nativeHistograms: true,
    exemplar: () => TRACE,
    defaultLabels: { env: 'a "quoted" \\ and a\nline' },
  });
  const { cell } = seriesWith(familyNamed(registry, LATENCY, 'histogram'), {
    thrift_method: 'run',
    thrift_success: 'true',
  });
  for (const latency of LATENCIES) cell.observe(latency);
  const handler = new ScrapedHandler();
  for (let i = 0; i < ERROR_COUNT; i++) expect(() => handler.run(true)).toThrow(RangeError);
  server = await startMetricsServer({ port: 0 });
  const target = `127.0.0.1:${server.port}`;
  [plain, withExemplars, withBoth] = await Promise.all([
    startPrometheus(target),
    startPrometheus(target, ['exemplar-storage']),
    startPrometheus(target, ['native-histograms', 'exemplar-storage']),
  ]);
});

afterAll(async () => {
  await Promise.all([plain?.stop(), withExemplars?.stop(), withBoth?.stop()]);
  await server?.close();
});

function eventually<T>(found: () => Promise<T[]>): Promise<T[]> {
  return vi.waitUntil(
    async () => {
      const results = await found();
      return results.length > 0 ? results : undefined;
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** The answer of Prometheus once it has scraped the target. */
async function query(prometheus: Prometheus, expression: string): Promise<QueryResult[]> {
  await eventually(() => prometheus.query('up == 1'));
  return prometheus.query(expression);
}

async function valueIn(prometheus: Prometheus, expression: string): Promise<number> {
  const [first, ...others] = await query(prometheus, expression);
  expect(others).toEqual([]);
  return Number(first?.value[1]);
}

function trueQuantile(q: number): number {
  return LATENCIES[Math.ceil(q * LATENCIES.length) - 1] as number;
}

describe('Prometheus with native histograms', () => {
  test('Prometheus with native histograms reports the target as healthy', async () => {
    await eventually(() => withBoth.query('up == 1'));

    expect(await withBoth.targets()).toMatchObject([{ health: 'up', lastError: '' }]);
  });

  test('Prometheus with native histograms has the latencies as a native histogram, which only protobuf carries', async () => {
    const calls = `${LATENCY}{thrift_method="run",thrift_success="true"}`;

    expect(await valueIn(withBoth, `histogram_count(${calls})`)).toBe(LATENCIES.length);
    expect(await valueIn(withBoth, `histogram_sum(${calls})`)).toBeCloseTo(SUM, 6);
    const errors = await valueIn(withBoth, `sum(histogram_count(${LATENCY})) by (thrift_service)`);
    expect(errors).toBe(LATENCIES.length + ERROR_COUNT);
  });

  test.each([0.01, 0.5, 0.9, 0.99, 1])(
    'Prometheus with native histograms computes the quantile %d within the error of one bucket',
    async (q) => {
      const found = await valueIn(
        withBoth,
        `histogram_quantile(${q}, ${LATENCY}{thrift_method="run",thrift_success="true"})`,
      );

      const ratio = found / trueQuantile(q);
      expect(ratio).toBeGreaterThanOrEqual(1 / BUCKET_RATIO);
      expect(ratio).toBeLessThanOrEqual(BUCKET_RATIO);
    },
  );

  test('a method that was never called is a native histogram at 0', async () => {
    const idle = `${LATENCY}{thrift_method="idle"}`;

    const counts = await query(withBoth, `histogram_count(${idle})`);

    // The order of a result is not defined.
    const found = counts.map(({ metric, value }) => [metric['thrift_success'], value[1]] as const);
    expect(new Map(found)).toEqual(
      new Map([
        ['false', '0'],
        ['true', '0'],
      ]),
    );
    expect(counts).toHaveLength(2);
    expect(await query(withBoth, `${LATENCY}_count{thrift_method="idle"}`)).toEqual([]);
  });

  test('protobuf carries counters, and label values with quotes, backslashes and line breaks', async () => {
    const found = await query(withBoth, `${ERRORS}{thrift_exception_type="RangeError"}`);

    expect(found).toMatchObject([
      { metric: { env: 'a "quoted" \\ and a\nline' }, value: [expect.any(Number), '7'] },
    ]);
  });
});

describe.each([
  ['plain Prometheus', () => plain],
  ['Prometheus with exemplars', () => withExemplars],
])('%s', (_name, prometheus) => {
  test('Prometheus scrapes OpenMetrics and reports the target as healthy', async () => {
    await eventually(() => prometheus().query('up == 1'));

    expect(await prometheus().targets()).toMatchObject([{ health: 'up', lastError: '' }]);
    const types = await prometheus().types();
    // Only OpenMetrics names the family of a counter without `_total`.
    expect(types).toMatchObject({ thrift_server_errors: 'counter', [LATENCY]: 'histogram' });
    expect(types).not.toHaveProperty(ERRORS);
  });

  test('Prometheus has exactly the classic buckets, sum and count of the latencies', async () => {
    const calls = `{thrift_method="run",thrift_success="true"}`;

    const buckets = await query(prometheus(), `${LATENCY}_bucket${calls}`);

    const found = Object.fromEntries(
      buckets.map(({ metric, value }) => [metric['le'], Number(value[1])]),
    );
    const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    const expected = [...bounds, Infinity].map((bound) => [
      bound === Infinity ? '+Inf' : openMetricsBound(bound),
      LATENCIES.filter((latency) => latency <= bound).length,
    ]);
    expect(found).toEqual(Object.fromEntries(expected));
    expect(await valueIn(prometheus(), `${LATENCY}_count${calls}`)).toBe(LATENCIES.length);
    expect(await valueIn(prometheus(), `${LATENCY}_sum${calls}`)).toBe(SUM);
  });

  test('Prometheus computes quantiles within the classic bucket', async () => {
    const found = await valueIn(
      prometheus(),
      `histogram_quantile(0.5, ${LATENCY}_bucket{thrift_method="run",thrift_success="true"})`,
    );

    expect(trueQuantile(0.5)).toBeGreaterThan(0.05);
    expect(found).toBeGreaterThan(0.05);
    expect(trueQuantile(0.5)).toBeLessThan(0.25);
    expect(found).toBeLessThan(0.25);
  });

  test('Prometheus has the error count', async () => {
    const errors = await valueIn(prometheus(), `${ERRORS}{thrift_exception_type="RangeError"}`);

    expect(errors).toBe(ERROR_COUNT);
  });
});

/** OpenMetrics writes bounds as floats, and Prometheus 2 keeps them unchanged. */
function openMetricsBound(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

describe.each([
  ['OpenMetrics', () => withExemplars, `${LATENCY}_bucket{thrift_success="true"}`],
  ['protobuf', () => withBoth, `${LATENCY}{thrift_success="true"}`],
])('Prometheus that scrapes %s', (_format, prometheus, latencies) => {
  test('a latency bucket has the trace id of one of its calls as an exemplar', async () => {
    const found = await eventually(() => prometheus().exemplars(latencies));

    const exemplars = found.flatMap((series) => series.exemplars);
    expect(exemplars.length).toBeGreaterThan(0);
    for (const { labels, value, timestamp } of exemplars) {
      expect(labels).toEqual(TRACE);
      expect(LATENCIES).toContain(Number(value));
      expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(300);
    }
  });

  test('an error count has the trace id of the last failure as an exemplar', async () => {
    const found = await eventually(() => prometheus().exemplars(ERRORS));

    expect(found).toMatchObject([
      {
        seriesLabels: { __name__: ERRORS, thrift_exception_type: 'RangeError' },
        exemplars: [{ labels: TRACE, value: '1' }],
      },
    ]);
  });
});
