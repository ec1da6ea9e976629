import { Registry } from 'prom-client';
import { afterAll, expect, test } from 'vitest';

import { createGrafanaDashboard, createPrometheusRules } from '../../../src/dashboards';
import { configureMetrics, Instrumented, Objective, renderMetrics } from '../../../src/index';
import { servedDeclaration } from '../../../src/tools/cli/diff/served-declaration';
import { parseServedMetrics } from '../../../src/tools/cli/served-metrics';
import { methodSeriesOf } from '../../../src/tools/cli/top/method-series';

configureMetrics({ registry: new Registry() });

@Instrumented({ service: 'Orders' })
class OrdersHandler {
  @Objective({ availability: 0.999, latency: { target: 0.99, within: 0.1 } })
  find(): string {
    return 'found';
  }
}
new OrdersHandler().find();

afterAll(() => configureMetrics({ labelNames: {} }));

const served = async () => parseServedMetrics((await renderMetrics()).body.toString(), 'text');

test('the metrics of an endpoint read the same, whatever names it gives to built-in labels', async () => {
  const before = await served();
  configureMetrics({
    prefix: 'shop_',
    labelNames: { thrift_service: 'service', thrift_method: 'method', thrift_success: 'ok' },
  });
  const after = await served();
  configureMetrics({ prefix: '', labelNames: {} });

  const keys = ({ families }: typeof before) =>
    methodSeriesOf(families).map(({ service, method, kind, failed }) => [
      service,
      method,
      kind,
      failed,
    ]);
  expect(keys(after)).toEqual(keys(before));
  const [method] = servedDeclaration(after).methods;
  expect(method).toMatchObject({ service: 'Orders', method: 'find' });
  expect(method?.metrics.find(({ kind }) => kind === 'timed')?.labelNames).toEqual([
    'method',
    'ok',
    'service',
  ]);
});

test('every query, legend and label of the dashboard and the rules uses the configured names of labels', () => {
  const create = () =>
    JSON.stringify([
      createGrafanaDashboard({ anomalies: true }),
      createPrometheusRules({ anomalies: true, sloth: true }),
    ]);
  const before = create();
  configureMetrics({ labelNames: { thrift_service: 'service', thrift_method: 'method' } });
  const after = create();
  configureMetrics({ labelNames: {} });
  expect(after).not.toMatch(/\bthrift_(service|method)\b/);
  // The names of variables, columns and recorded series stay.
  const renamed = before.replaceAll(/\bthrift_(service|method)\b/g, '$1');
  expect(after).toBe(renamed);
  expect(create()).toBe(before);
});
