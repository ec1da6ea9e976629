import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { startCalculator } from '../support/start-calculator';
import type { Program } from '../support/start-program';
import { startPrometheus, type Prometheus, type QueryResult } from '../support/start-prometheus';

/** The methods of both IDL files of the example. `calculate` has a label that depends on the call. */
const METHODS = [
  ['SharedService', 'getStruct'],
  ['SharedService', 'recentKeys'],
  ['Calculator', 'ping'],
  ['Calculator', 'add'],
  ['Calculator', 'calculate'],
  ['Calculator', 'factorize'],
  ['Calculator', 'mean'],
  ['Calculator', 'zip'],
  ['Calculator', 'reset'],
] as const;

let example: Program;
let prometheus: Prometheus;

beforeAll(async () => {
  example = startCalculator('--duration', '100', '--env', 'test', '--region', 'here');
  const [, address = ''] = await example.writes(/metrics +http:\/\/(\S+)\/metrics/);
  prometheus = await startPrometheus(address);
});

afterAll(async () => {
  await Promise.all([example?.stop(), prometheus?.stop()]);
});

/** Retries, because a rate needs two scrapes and Prometheus does not report when it has made them. */
function answered(expression: string): Promise<QueryResult[]> {
  return vi.waitUntil(
    async () => {
      const found = await prometheus.query(expression);
      return found.length > 0 ? found : undefined;
    },
    { timeout: 30_000, interval: 100 },
  );
}

async function query(metric: string): Promise<QueryResult[]> {
  await answered(`up == 1`);
  return prometheus.query(metric);
}

test('the request rate of the running example in Prometheus is above 0', async () => {
  const [rate, ...others] = await answered('sum(rate(thrift_server_requests_total[1m])) > 0');

  expect(Number(rate?.value[1])).toBeGreaterThan(0);
  expect(others).toEqual([]);
});

test('Prometheus reports the example as healthy', async () => {
  await answered('up == 1');

  expect(await prometheus.targets()).toMatchObject([{ health: 'up', lastError: '' }]);
});

test('every series of the example in Prometheus has the default labels set at startup', async () => {
  const own = await query('{job="calculator",__name__=~"thrift_.*|process_.*|nodejs_.*"}');

  expect(own.length).toBeGreaterThan(100);
  const without = own.filter(({ metric }) => metric.env !== 'test' || metric.region !== 'here');
  expect(without.map(({ metric }) => metric)).toEqual([]);
});

test('the latency quantiles of a slow method in Prometheus use the buckets it declares', async () => {
  const slow = 'thrift_server_latency_seconds_bucket{thrift_method="factorize"}';

  const [median] = await answered(`histogram_quantile(0.5, sum by (le) (rate(${slow}[1m]))) > 0`);

  // 20 ms for each prime factor; a number below 5002 has at most 12.
  expect(Number(median?.value[1])).toBeGreaterThan(0.01);
  expect(Number(median?.value[1])).toBeLessThan(0.8);
});

test.each(METHODS)(
  'Prometheus has every series of %s.%s that does not depend on a call',
  async (thrift_service, thrift_method) => {
    const declared = thrift_service === 'Calculator' ? 'InvalidOperation' : 'NotFound';
    const found = await query(
      `{thrift_service="${thrift_service}",thrift_method="${thrift_method}"}`,
    );
    const series = found.map(({ metric }) =>
      [
        metric.__name__,
        metric.thrift_success,
        metric.thrift_exception_kind,
        metric.thrift_exception_type,
      ]
        .filter(Boolean)
        .join(' '),
    );

    expect(series).toEqual(
      expect.arrayContaining([
        'thrift_server_active_requests',
        'thrift_server_errors_total undeclared Error',
        `thrift_server_errors_total declared ${declared}`,
      ]),
    );
    if (thrift_method === 'calculate') return;
    expect(series).toEqual(
      expect.arrayContaining([
        'thrift_server_requests_total',
        'thrift_server_latency_seconds_count true',
        'thrift_server_latency_seconds_count false',
        'thrift_server_latency_seconds_sum true',
        'thrift_server_latency_seconds_sum false',
        'thrift_server_latency_seconds_bucket true',
        'thrift_server_latency_seconds_bucket false',
      ]),
    );
  },
);

test('every series of a method that is never called is 0 in Prometheus', async () => {
  const found = await query('{thrift_method="reset"}');

  const ofHandler =
    /^thrift_server_(requests|latency|failed_requests|errors|active_requests|oldest_active)/;
  const isCreated = ({ metric }: QueryResult): boolean => !!metric.__name__?.endsWith('_created');
  const series = found.filter(({ metric }) => ofHandler.test(metric.__name__ ?? ''));
  const values = found.filter((each) => !isCreated(each));
  // Requests, two gauges, two errors, three kinds of failure, and for each outcome 14 buckets, +Inf, sum and count.
  expect(series.filter((each) => !isCreated(each))).toHaveLength(8 + 2 * 17);
  // The start of requests, errors, failures and both histograms.
  expect(series.filter(isCreated)).toHaveLength(8);
  expect(values.map(({ metric }) => metric.__name__)).toEqual(
    expect.arrayContaining(['thrift_server_messages_total', 'thrift_client_requests_total']),
  );
  expect(new Set(values.map(({ value }) => value[1]))).toEqual(new Set(['0']));
});

test('the label with the operation of each call has no other values in Prometheus', async () => {
  await answered('sum(thrift_server_requests_total{thrift_method="calculate"}) > 20');

  const found = await prometheus.query(
    'sum by (op) (thrift_server_requests_total{thrift_method="calculate"})',
  );

  const operations = new Set(found.map(({ metric }) => metric.op));
  expect(['ADD', 'SUBTRACT', 'MULTIPLY', 'DIVIDE']).toEqual(
    expect.arrayContaining([...operations]),
  );
  expect(operations.size).toBeGreaterThan(1);
});
