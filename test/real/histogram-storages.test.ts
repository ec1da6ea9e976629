import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { createGrafanaDashboard, createPrometheusRules } from '../../src/dashboards';
import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  Instrumented,
  Objective,
  startMetricsServer,
  ThriftService,
  Timed,
  type MetricsServer,
} from '../../src/index';
import { renderRules } from '../../src/tools/cli/rules-command';
import { familyNamed, seriesWith } from '../support/family-named';
import { isPrometheus } from '../support/prometheus-version';
import {
  startPrometheus,
  type Feature,
  type Prometheus,
  type QueryResult,
} from '../support/start-prometheus';
import { expressionOf, interpolate } from '../tools/grafana/dashboard-queries';

const LATENCY = 'thrift_server_latency_seconds';

const OBJECTIVE = { latency: { target: 0.5, within: 1 }, window: '7d' } as const;

/** Has native buckets beside the classic ones. */
@Instrumented({ service: 'Native' })
@Objective(OBJECTIVE)
class NativeHandler {
  run(): void {}
}

/** Has classic buckets only, as every service without the setting. */
@ThriftService('Classic')
@Objective(OBJECTIVE)
class ClassicHandler {
  @Counted
  @Timed({ native: false })
  @ErrorsCounted
  run(): void {}
}

interface Storage {
  readonly features: readonly Feature[];
  /** What Prometheus has of a histogram with native buckets, and of one without. */
  readonly Native: readonly ('classic' | 'native')[];
  readonly Classic: readonly ('classic' | 'native')[];
}

const STORAGES: Readonly<Record<string, Storage>> = {
  'classic buckets': { features: [], Native: ['classic'], Classic: ['classic'] },
  'native buckets': {
    features: ['native-histograms'],
    Native: ['native'],
    Classic: ['classic'],
  },
  ...(isPrometheus('2.45') && {
    'classic buckets beside native ones': {
      features: ['classic-beside-native'],
      Native: ['classic', 'native'],
      Classic: ['classic'],
    },
  }),
  ...(isPrometheus('3.0') && {
    'native buckets with custom bounds': {
      features: ['custom-buckets'],
      Native: ['native'],
      Classic: ['native'],
    },
  }),
};

const SERVICES = ['Native', 'Classic'] as const;

let server: MetricsServer;
let dashboard: ReturnType<typeof createGrafanaDashboard>;
const started = new Map<string, Prometheus>();

beforeAll(async () => {
  const registry = new Registry();
  configureMetrics({ registry, nativeHistograms: true });
  dashboard = createGrafanaDashboard({ objectives: 'raw' });
  const text = renderRules(createPrometheusRules());
  server = await startMetricsServer({ port: 0 });
  const target = `127.0.0.1:${server.port}`;
  await Promise.all(
    Object.entries(STORAGES).map(async ([name, { features }]) => {
      started.set(name, await startPrometheus(target, features, { text }));
    }),
  );
  const calls = 'thrift_server_requests_total{thrift_method="run"}';
  const all = [...started.values()];
  await Promise.all(all.map((prometheus) => answered(prometheus, `sum(${calls}) == 0`)));
  for (const service of SERVICES) call(registry, service);
  await Promise.all(all.map((prometheus) => answered(prometheus, `rate(${calls}[10m]) > 0`)));
});

afterAll(async () => {
  await Promise.all([...started.values()].map((prometheus) => prometheus.stop()));
  await server?.close();
});

/** Makes 100 calls of known latency: 75 take 20 ms, and 25 take 2 s. */
function call(registry: Registry, service: (typeof SERVICES)[number]): void {
  const labels = { thrift_service: service, thrift_method: 'run', thrift_success: 'true' };
  const { cell } = seriesWith(familyNamed(registry, LATENCY, 'histogram'), labels);
  const handler = service === 'Native' ? new NativeHandler() : new ClassicHandler();
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

const cases = Object.entries(STORAGES).flatMap(([name, storage]) =>
  SERVICES.map((service) => ({
    name,
    service,
    kinds: storage[service],
    // Exponential buckets are 9 % wide. 2 s is between the bounds 1 s and 2.5 s, 20 ms between 10 and 25 ms.
    error:
      service === 'Native' && storage.Native.includes('native') && name !== 'classic buckets'
        ? 2 ** (1 / 8)
        : 2,
  })),
);

describe.each(cases)('$service in a Prometheus with $name', ({ name, service, kinds, error }) => {
  const prometheus = () => started.get(name) as Prometheus;

  async function valueOf(expression: string): Promise<number> {
    const [found, ...others] = await answered(prometheus(), expression);
    expect(others, expression).toEqual([]);
    return Number(found?.value[1]);
  }
  const shown = (title: string, column: string): Promise<number> =>
    valueOf(interpolate(expressionOf(dashboard, title, column), { service }));
  const recorded = (record: string, matchers = ''): Promise<number> =>
    valueOf(`job_service_method:${record}{thrift_service="${service}"${matchers}} > -1`);

  function expectWithin(found: number, latency: number): void {
    expect(found).toBeGreaterThanOrEqual(latency / error);
    expect(found).toBeLessThanOrEqual(latency * error);
  }

  test(`Prometheus stores ${kinds.join(' and ')} buckets`, async () => {
    const ofService = `{thrift_service="${service}"}`;
    for (const [kind, series] of [
      ['classic', `${LATENCY}_bucket${ofService}`],
      ['native', `${LATENCY}${ofService}`],
    ] as const) {
      expect((await prometheus().query(series)).length > 0, kind).toBe(kinds.includes(kind));
    }
  });

  test('the table of slowest methods shows quantiles within the error of a bucket', async () => {
    expectWithin(await shown('Methods by latency', 'p50'), 0.02);
    expectWithin(await shown('Methods by latency', 'p95'), 2);
    expectWithin(await shown('Methods by latency', 'p99'), 2);
  });

  test('the rules record quantiles within the error of a bucket', async () => {
    expectWithin(await recorded(`${LATENCY}:p50_5m`), 0.02);
    expectWithin(await recorded(`${LATENCY}:p95_5m`), 2);
    expectWithin(await recorded(`${LATENCY}:p99_5m`), 2);
  });

  test('a quarter of slow calls spends half of the error budget on the dashboard', async () => {
    expect(await shown('Error budgets', 'Budget left')).toBeCloseTo(0.5, 6);
    expect(await shown('Error budgets', 'Burn rate 1 h')).toBeCloseTo(0.5, 6);
  });

  test('a quarter of slow calls spends half of the error budget in the rules', async () => {
    const latency = ',thrift_objective="latency"';
    expect(await recorded('thrift_objective_errors:ratio_rate5m', latency)).toBeCloseTo(0.25, 6);
    const left = 'thrift_objective_error_budget:remaining_ratio';
    expect(await recorded(left, latency)).toBeCloseTo(0.5, 6);
    const of = `{thrift_service="${service}"${latency}}`;
    const series = ['errors', 'calls'].map(
      (kind) => `job_service_method:thrift_objective_${kind}:rate5m${of}`,
    );
    expect(await valueOf(series.join(' / '))).toBeCloseTo(0.25, 6);
  });

  test('the heatmap shows all calls', async () => {
    const titled = dashboard.panels.flatMap((panel) => ('targets' in panel ? [panel] : []));
    const heatmap = titled.find(({ title }) => title.startsWith(`Latency: ${LATENCY}`));
    const expression = interpolate(expressionOf(dashboard, heatmap?.title ?? ''), {
      __rate_interval: '600s',
      service,
    });

    const found = await prometheus().queryRange(expression);

    if (kinds.includes('native')) {
      expect(found).toMatchObject([{ metric: {} }]);
      expect(found[0]?.histograms?.length).toBeGreaterThan(0);
    } else {
      // 14 buckets and +Inf.
      expect(found).toHaveLength(15);
      expect(found.every(({ metric }) => Object.keys(metric).join() === 'le')).toBe(true);
    }
  });
});
