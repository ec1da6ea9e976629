import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { createGrafanaDashboard } from '../../src/dashboards';
import {
  configureMetrics,
  Instrumented,
  Objective,
  startMetricsServer,
  type MetricsServer,
} from '../../src/index';
import { expressionOf, interpolate } from '../tools/grafana/dashboard-queries';
import { familyNamed, seriesWith } from '../support/family-named';
import { startPrometheus, type Prometheus, type QueryResult } from '../support/start-prometheus';

const LATENCY = 'thrift_server_latency_seconds';
const HEATMAP = `Latency: ${LATENCY}`;

@Instrumented({ service: 'Known' })
@Objective({ latency: { target: 0.5, within: 1 }, window: '7d' })
class KnownHandler {
  run(): void {}
}

let server: MetricsServer;
/** Scrapes protobuf and has only native buckets. */
let native: Prometheus;
/** Scrapes text and has only classic buckets. */
let classic: Prometheus;
let dashboard: ReturnType<typeof createGrafanaDashboard>;

beforeAll(async () => {
  const registry = new Registry();
  configureMetrics({ registry, nativeHistograms: true });
  dashboard = createGrafanaDashboard({ objectives: 'raw' });
  server = await startMetricsServer({ port: 0 });
  const target = `127.0.0.1:${server.port}`;
  [native, classic] = await Promise.all([
    startPrometheus(target, ['native-histograms']),
    startPrometheus(target),
  ]);
  const calls = 'thrift_server_requests_total{thrift_service="Known"}';
  const both = [native, classic];
  await Promise.all(both.map((prometheus) => answered(prometheus, `${calls} == 0`)));
  call(registry);
  await Promise.all(both.map((prometheus) => answered(prometheus, `rate(${calls}[10m]) > 0`)));
});

afterAll(async () => {
  await Promise.all([native?.stop(), classic?.stop()]);
  await server?.close();
});

/** Makes 100 calls of known latency: 75 take 20 ms, and 25 take 2 s. */
function call(registry: Registry): void {
  const labels = { thrift_method: 'run', thrift_success: 'true' };
  const { cell } = seriesWith(familyNamed(registry, LATENCY, 'histogram'), labels);
  const handler = new KnownHandler();
  for (let i = 0; i < 100; i++) handler.run();
  cell.reset();
  for (let i = 0; i < 75; i++) cell.observe(0.02);
  for (let i = 0; i < 25; i++) cell.observe(2);
}

function answered(prometheus: Prometheus, expression: string): Promise<QueryResult[]> {
  return vi.waitUntil(
    async () => {
      const found = await prometheus.query(expression);
      return found.length > 0 ? found : undefined;
    },
    { timeout: 30_000, interval: 200 },
  );
}

describe.each([
  ['native', () => native, 2 ** (1 / 8)],
  // Between 1 s and 2.5 s.
  ['classic', () => classic, 2],
])('the dashboard with %s buckets in Prometheus', (kind, prometheus, error) => {
  async function valueOf(title: string, column: string): Promise<number> {
    const expression = interpolate(expressionOf(dashboard, title, column));
    const [found, ...others] = await answered(prometheus(), expression);
    expect(others).toEqual([]);
    return Number(found?.value[1]);
  }

  test('Prometheus has only one kind of buckets', async () => {
    const buckets = await prometheus().query(`${LATENCY}_bucket`);
    expect(buckets.length > 0).toBe(kind === 'classic');
    const histograms = await prometheus().query(LATENCY);
    expect(histograms.length > 0).toBe(kind === 'native');
  });

  test('the table of slowest methods shows quantiles within the error of a bucket', async () => {
    for (const [column, latency] of [
      ['p50', 0.02],
      ['p95', 2],
      ['p99', 2],
    ] as const) {
      const found = await valueOf('Methods by latency', column);
      expect(found).toBeGreaterThanOrEqual(latency / error);
      expect(found).toBeLessThanOrEqual(latency * error);
    }
  });

  test('a quarter of slow calls spends half of the error budget', async () => {
    expect(await valueOf('Error budgets', 'Budget left')).toBeCloseTo(0.5, 6);
    expect(await valueOf('Error budgets', 'Burn rate 1 h')).toBeCloseTo(0.5, 6);
  });

  test('the heatmap shows all calls', async () => {
    const chosen = { __rate_interval: '600s' };
    const expression = interpolate(expressionOf(dashboard, HEATMAP), chosen);

    const found = await prometheus().queryRange(expression);

    if (kind === 'native') {
      expect(found).toMatchObject([{ metric: {} }]);
      expect(found[0]?.histograms?.length).toBeGreaterThan(0);
    } else {
      // 14 buckets and +Inf.
      expect(found).toHaveLength(15);
      expect(found.every(({ metric }) => Object.keys(metric).join() === 'le')).toBe(true);
    }
  });
});
