import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { createGrafanaDashboard } from '../../../src/dashboards';
import { declaredMethods } from '../../../src/declaration/describe';
import { configureMetrics, Counted, Instrumented, Timed } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import type { Queries } from '../../../src/tools/page/browser/protocol';
import { queriesOf } from '../../../src/tools/page/method-queries';

@Instrumented({ service: 'Shop' })
class Shop {
  buy(): void {}
}

class Named {
  @Counted('jobs_total')
  @Timed('job_seconds', { quantiles: [0.5, 0.99] })
  run(): void {}
}

beforeEach(() => configureMetrics({ registry: new Registry() }));
afterEach(() => configureMetrics({ prefix: '', labelNames: {} }));
void Shop;
// Its metrics have names of their own from the first construction, because no decorator of the class tells its name.
void new Named();

function queries(service: string, method: string): Queries {
  const declared = declaredMethods(currentRuntime()).find(
    (each) => each.service === service && each.method === method,
  );
  return queriesOf(currentRuntime(), { service, method }, declared);
}

const BY = 'sum by (thrift_service, thrift_method)';
const OF = '{thrift_service="Shop",thrift_method="buy"}';

test('the rate and the error ratio of a method are expressions of its counters over five minutes', () => {
  const calls = `${BY} (rate(thrift_server_requests_total${OF}[5m]))`;
  const failed = `${BY} (rate(thrift_server_failed_requests_total${OF}[5m]))`;
  expect(queries('Shop', 'buy')).toMatchObject({
    rate: calls,
    failedRatio: `(${failed} / (${calls} > 0) or 0 * ${calls})`,
  });
});

test('the expressions are those of the dashboard, but for one method', () => {
  const dashboard = JSON.stringify(createGrafanaDashboard());
  const selected =
    'job=~"$job", instance=~"$instance", thrift_service=~"$service", thrift_method=~"$method"';
  for (const name of ['rate', 'failedRatio', 'badRatio', 'p99'] as const) {
    const query = queriesOf(currentRuntime(), { service: 'Shop', method: 'buy' }, undefined)[name];
    const ofDashboard = (query ?? '')
      .replaceAll('thrift_service="Shop",thrift_method="buy"', selected)
      .replaceAll('[5m]', '[$__rate_interval]');
    // Other families of this file are alternatives in the dashboard, so the parts of the expression are compared.
    const parts =
      ofDashboard.match(/(?:rate|histogram_quantile)\([^)]*\[\$__rate_interval\]\)/g) ?? [];
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts) expect(dashboard).toContain(JSON.stringify(part).slice(1, -1));
  }
});

test('own names of metrics, quantiles of a summary, a prefix and own names of labels are in the expressions', () => {
  configureMetrics({
    prefix: 'my_',
    labelNames: { thrift_service: 'service', thrift_method: 'method' },
  });
  expect(queries('Named', 'run')).toMatchObject({
    rate: 'sum by (service, method) (rate(my_jobs_total{service="Named",method="run"}[5m]))',
    p95: null,
    p99: 'max by (service, method) (my_job_seconds{service="Named",method="run", quantile="0.99"}) >= 0',
  });
});

test('a method that only workers declare has the expressions of the built-in metrics', () => {
  expect(queriesOf(currentRuntime(), { service: 'S', method: 'say "hi"' }, undefined).rate).toBe(
    String.raw`${BY} (rate(thrift_server_requests_total{thrift_service="S",thrift_method="say \"hi\""}[5m]))`,
  );
});
