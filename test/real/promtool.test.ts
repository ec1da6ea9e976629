import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  resetMetrics,
  startMetricsServer,
  ThriftService,
  Timed,
  type MetricsServer,
} from '../../src/index';
import { provokeEverything } from '../conformance/provoke';
import { runProgram } from '../support/start-program';

class Refused extends Error {}

@ThriftService('Calculator')
class CalculatorHandler {
  @Counted
  @Timed
  @ErrorsCounted({ exceptions: [Refused] })
  @InFlight
  async divide(left: number, right: number) {
    if (right === 0) throw new Refused();
    return left / right;
  }

  @Counted('shop_orders_total', { help: 'Orders that customers placed, by "channel".' })
  @Timed('shop_order_seconds', { help: 'Time to place an order.', quantiles: [0.5, 0.99] })
  @InFlight({ name: 'shop_orders_in_progress', help: 'Orders being placed.' })
  @ErrorsCounted({
    name: 'shop_order_errors_total',
    help: 'Orders that failed.\nBackslash: \\',
    labels: { channel: ({ args }) => args[0] },
  })
  order(channel: string) {
    if (channel === '') throw new Error('no channel');
  }

  @Instrumented({
    buckets: [0.1, 1],
    labels: { op: ({ args }) => args[0], tier: 'gold' },
  })
  calculate(_op: string) {}

  @Counted({ labels: { op: () => undefined as unknown as string } })
  faulty() {}
}

let server: MetricsServer;

beforeEach(async () => {
  resetMetrics();
  configureMetrics({
    defaultLabels: { env: 'prod', text: 'a "quoted" \\ and a\nline' },
    maxSeriesPerMetric: 20,
    onError: () => {},
  });
  const handler = new CalculatorHandler();
  await handler.divide(1, 2);
  await handler.divide(1, 0).catch(() => {});
  handler.order('web');
  expect(() => handler.order('')).toThrow('no channel');
  for (let op = 0; op < 30; op++) handler.calculate(`op ${op} "\\\n`);
  handler.faulty();
  server = await startMetricsServer({ port: 0 });
});

afterEach(() => server.close());

async function scrape(): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}

async function check(text: string): Promise<{ complaints: string[]; code: number | null }> {
  const { code, stdout, stderr } = await runProgram('promtool', ['check', 'metrics'], text);
  return { complaints: (stdout + stderr).split('\n').filter(Boolean), code };
}

test('promtool has no complaints about any metric of this package', async () => {
  configureMetrics({ processMetrics: false });

  const text = await scrape();
  const { complaints, code } = await check(text);

  // Makes sure that the check covers every family, each with a series from a call.
  const types = text.split('\n').filter((line) => line.startsWith('# TYPE '));
  expect(types.toSorted()).toEqual([
    '# TYPE shop_order_errors_total counter',
    '# TYPE shop_order_seconds summary',
    '# TYPE shop_orders_in_progress gauge',
    '# TYPE shop_orders_total counter',
    '# TYPE thrift_metrics_dropped_series_total counter',
    '# TYPE thrift_metrics_info gauge',
    '# TYPE thrift_metrics_internal_errors_total counter',
    '# TYPE thrift_server_active_requests gauge',
    '# TYPE thrift_server_errors_total counter',
    '# TYPE thrift_server_event_loop_longest_seconds gauge',
    '# TYPE thrift_server_event_loop_seconds_total counter',
    '# TYPE thrift_server_failed_requests_total counter',
    '# TYPE thrift_server_latency_seconds histogram',
    '# TYPE thrift_server_oldest_active_request_seconds gauge',
    '# TYPE thrift_server_requests_total counter',
  ]);
  expect(text).toMatch(/^thrift_server_requests_total\{.*op="_other".*env="prod".*\} [1-9]/m);
  expect(complaints).toEqual([]);
  expect(code).toBe(0);

  const broken = await check(text.replaceAll('shop_orders_total', 'shop_orders'));
  expect(broken.complaints).toEqual(['shop_orders counter metrics should have "_total" suffix']);
  expect(broken.code).toBe(3);
});

test('promtool check metrics passes with process metrics', async () => {
  configureMetrics({ processMetrics: true });

  const text = await scrape();
  const { complaints, code } = await check(text);

  expect(text).toContain('\nprocess_cpu_seconds_total{');
  expect(text).toContain('\nnodejs_active_handles{');
  expect({ complaints, code }).toEqual({ complaints: [], code: 0 });
});

test('promtool has no complaints about servers and clients with every kind of event', async () => {
  configureMetrics({ processMetrics: false });
  await provokeEverything();
  const text = await scrape();
  expect(text).toContain('# TYPE thrift_client_latency_seconds histogram');
  expect(await check(text)).toEqual({ complaints: [], code: 0 });
});
