import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { createPrometheusRules } from '../../src/dashboards';
import {
  configureMetrics,
  Instrumented,
  type MetricsServer,
  Objective,
  resetMetrics,
  startMetricsServer,
  ThriftService,
} from '../../src/index';
import { renderRules } from '../../src/tools/cli/rules-command';
import { type Prometheus, startPrometheus } from '../support/start-prometheus';

const TARGET = 0.999;
/** Successful calls for each failed one. */
const OK_PER_FAILURE = 9;
const RATIO = 1 / (OK_PER_FAILURE + 1);
const BURSTS = [1, 10, 200, 10_000];

/** Fails with a class that the program has not thrown before. */
class Burst {
  constructor(private readonly failures: number) {}

  async run(failing: boolean): Promise<void> {
    if (failing) throw Object.assign(new Error('failed'), { name: `NeverSeen${this.failures}` });
  }

  /** Makes this fraction of the calls in one turn of the event loop, so that one scrape sees all of them. */
  async begin(fraction = 1): Promise<void> {
    const calls: Promise<void>[] = [];
    for (let i = 0; i < this.failures * fraction; i++) {
      for (let ok = 0; ok < OK_PER_FAILURE; ok++) calls.push(this.run(false));
      calls.push(this.run(true));
    }
    await Promise.allSettled(calls);
  }
}

/** Creates a service of its own, whose series no other burst touches. */
function burstOf(failures: number, service = `Burst${failures}`): Burst {
  @ThriftService(service)
  @Objective({ availability: TARGET })
  class Handler extends Burst {
    @Instrumented
    override async run(failing: boolean): Promise<void> {
      await super.run(failing);
    }
  }
  return new Handler(failures);
}

const bursts = BURSTS.map((failures) => burstOf(failures));
const restarted = burstOf(200, 'Restarted');

let server: MetricsServer;
let prometheus: Prometheus;

beforeAll(async () => {
  configureMetrics({ registry: new Registry(), processMetrics: false });
  server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  const text = renderRules(createPrometheusRules());
  prometheus = await startPrometheus(`127.0.0.1:${server.port}`, [], { text });
  await scraped('thrift_server_failed_requests_total{thrift_exception_kind="undeclared"} == 0');
});

afterAll(async () => {
  await Promise.all([prometheus?.stop(), server?.close()]);
});

/** Resolves once Prometheus has a sample of the expression. */
async function scraped(expression: string): Promise<void> {
  await vi.waitUntil(async () => (await prometheus.query(expression)).length > 0, {
    timeout: 30_000,
    interval: 100,
  });
}

async function recorded(record: string, service: string): Promise<number> {
  const series = `job_service_method:${record}{thrift_service="${service}"}`;
  const [found] = await vi.waitUntil(
    async () => {
      const result = await prometheus.query(`${series} > 0`);
      return result.length > 0 && result;
    },
    { timeout: 30_000, interval: 100 },
  );
  return Number(found?.value[1]);
}

describe('the first burst of an error class that was never seen before', () => {
  beforeAll(() => Promise.all(bursts.map((burst) => burst.begin())));

  test.each(BURSTS)(
    '%i failures are in the recorded ratio, within five percent',
    async (failures) => {
      const service = `Burst${failures}`;
      await scraped(
        `thrift_server_failed_requests_total{thrift_service="${service}",thrift_exception_kind="undeclared"} == ${failures}`,
      );
      for (const record of [
        'thrift_objective_errors:ratio_rate5m',
        'thrift_objective_errors:ratio_rate1h',
        'thrift_server_failed_requests:bad_ratio_rate5m',
      ]) {
        const ratio = await recorded(record, service);
        expect(Math.abs(ratio / RATIO - 1), record).toBeLessThanOrEqual(0.05);
      }
    },
  );

  test.each(BURSTS.filter((failures) => failures > 10))(
    '%i failures fire the page of the objective',
    async (failures) => {
      await scraped(
        `ALERTS{alertname="ThriftAvailabilityBudgetBurn",severity="page",alertstate="firing",thrift_service="Burst${failures}"}`,
      );
    },
  );

  test('one failure fires nothing, because it is too few to be a burn', async () => {
    // Evaluated after the page for a larger burst has fired.
    await scraped('ALERTS{alertname="ThriftAvailabilityBudgetBurn",thrift_service="Burst200"}');
    expect(await prometheus.query('ALERTS{thrift_service="Burst1"}')).toEqual([]);
  });
});

test('a burst that a restart interrupts is in the recorded ratio, and fires the page', async () => {
  const failed =
    'thrift_server_failed_requests_total{thrift_service="Restarted",thrift_exception_kind="undeclared"}';
  await restarted.begin(0.6);
  await scraped(`${failed} == 120`);
  // What Prometheus sees of a restart: all counters start again at 0.
  resetMetrics();
  await restarted.begin(0.4);
  await scraped(`${failed} == 80`);
  await scraped('ALERTS{severity="page",alertstate="firing",thrift_service="Restarted"}');
  const ratio = await recorded('thrift_objective_errors:ratio_rate5m', 'Restarted');
  expect(Math.abs(ratio / RATIO - 1)).toBeLessThanOrEqual(0.05);
  const [increase] = await prometheus.query(`sum(resets(${failed}[5m]))`);
  expect(increase?.value[1]).toBe('1');
});
