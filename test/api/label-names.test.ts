import * as promClient from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  Counted,
  getDeclaredMetrics,
  Instrumented,
  renderMetrics,
  resetMetrics,
} from '../../src/index';
import { errorOf } from '../support/error-of';
import { readProtobuf } from '../scrape/read-protobuf';

const OWN = { thrift_service: 'service', thrift_method: 'method' };
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

@Instrumented({ service: 'Orders', labels: { tier: 'gold' } })
class OrdersHandler {
  find(): string {
    return 'found';
  }

  fail(): void {
    throw new RangeError('out of range');
  }
}

let registry: promClient.Registry;
beforeEach(() => {
  registry = new promClient.Registry();
  configureMetrics({ registry, labelNames: {}, defaultLabels: {}, prefix: '' });
  resetMetrics();
});
afterEach(() => configureMetrics({ labelNames: {} }));

const textOf = async (accept?: string): Promise<string> =>
  (await renderMetrics({ accept })).body.toString();
const linesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`));

test('built-in labels have own names in every format, with zero series and values', async () => {
  const handler = new OrdersHandler();
  handler.find();
  expect(() => handler.fail()).toThrow(RangeError);
  const before = await textOf();
  configureMetrics({ labelNames: OWN });

  const after = await textOf();
  expect(linesOf(after, 'thrift_server_requests_total')).toEqual(
    [
      'thrift_server_requests_total{method="find",service="Orders",tier="gold"} 1',
      'thrift_server_requests_total{method="fail",service="Orders",tier="gold"} 1',
    ].map((line) => expect.stringMatching(setOf(line))),
  );
  expect(after).not.toMatch(/thrift_(service|method)="/);
  expect(after.split('\n').length).toBe(before.split('\n').length);
  const openMetrics = await textOf(OPENMETRICS);
  expect(openMetrics).not.toMatch(/thrift_(service|method)="/);
  expect(openMetrics).toContain('service="Orders"');
  const families = await readProtobuf();
  const names = families.flatMap(({ metric = [] }) =>
    metric.flatMap(({ label = [] }) => label.map(({ name }) => name)),
  );
  expect(names).toContain('method');
  expect(names).not.toContain('thrift_method');
});

/** A pattern for a line with these labels in any order. */
function setOf(line: string): RegExp {
  const [name = '', labels = '', value = ''] = line.split(/[{}]/);
  const all = labels.split(',').map((pair) => `(?=.*[{,]${pair}[,}])`);
  return new RegExp(`^${all.join('')}${name}\\{.*\\}${value}$`);
}

test("the registry's own renders and cluster sums have own names", async () => {
  configureMetrics({ labelNames: OWN });
  new OrdersHandler().find();
  expect(await registry.metrics()).toContain('service="Orders"');
  const json = await registry.getMetricsAsJSON();
  const summed = promClient.AggregatorRegistry.aggregate([json, json]);
  const text = await summed.metrics();
  expect(text).not.toMatch(/thrift_(service|method)="/);
  const found = linesOf(text, 'thrift_server_requests_total').find((line) =>
    line.includes('method="find"'),
  );
  expect(found).toMatch(/ 2$/);
});

test('names change again and again, also for classes that are defined in between', async () => {
  configureMetrics({ labelNames: OWN });
  @Instrumented
  class LaterHandler {
    run(): void {}
  }
  new LaterHandler().run();
  expect(await textOf()).toContain('service="Later"');
  configureMetrics({ labelNames: { thrift_service: 'svc' } });
  const text = await textOf();
  expect(text).toContain('svc="Later"');
  expect(text).toContain('thrift_method="run"');
  configureMetrics({ labelNames: {} });
  const line = linesOf(await textOf(), 'thrift_server_requests_total').find((each) =>
    each.includes('Later'),
  );
  expect(line).toBe('thrift_server_requests_total{thrift_method="run",thrift_service="Later"} 1');
});

test('thrift_metrics_info shows the names, and nothing while labels have their built-in names', async () => {
  const infoOf = async (): Promise<string> => linesOf(await textOf(), 'thrift_metrics_info').join();
  expect(await infoOf()).not.toContain('label_names');
  configureMetrics({ labelNames: { ...OWN, thrift_version: 'thrift' } });
  expect(await infoOf()).toContain(
    'label_names="thrift_service=service,thrift_method=method,thrift_version=thrift"',
  );
  expect(await infoOf()).toMatch(/[{,]thrift="/);
  configureMetrics({ labelNames: {} });
  expect(await infoOf()).not.toContain('label_names');
});

test('a label of the registry gives way to a built-in label with the same own name', async () => {
  registry.setDefaultLabels({ service: 'of the registry', zone: 'a' });
  configureMetrics({ labelNames: OWN });
  const [line] = linesOf(await textOf(), 'thrift_server_requests_total');
  expect(line?.match(/service="/g)).toHaveLength(1);
  expect(line).toContain('service="Orders"');
  expect(line).toContain('zone="a"');
});

test('declared metrics list the own names', () => {
  configureMetrics({ labelNames: OWN });
  const [metric] = getDeclaredMetrics(OrdersHandler);
  expect(metric?.labelNames).toEqual(['method', 'service', 'tier']);
});

describe('refused names', () => {
  test.each([
    [{ service: 'svc' }, "Did you mean 'thrift_service'?"],
    [{ thrift_servise: 'svc' }, "Did you mean 'thrift_service'?"],
    [{ thrift_service: 'my service' }, "label name 'my service' is invalid"],
    [{ thrift_service: '__service' }, "label name '__service' is invalid"],
    [{ thrift_service: 's', thrift_method: 's' }, "both renamed to 's'"],
    [{ thrift_service: 'le' }, 'the formats set it'],
    [{ thrift_service: 'job' }, 'Prometheus sets it'],
    [{ thrift_service: 'thrift_method' }, 'the name of a built-in label'],
    [{ thrift_service: 'tier' }, 'OrdersHandler.find sets a label'],
    [{ thrift_service: 'env' }, "default label 'env'"],
    [{ thrift_service: 5 }, 'Expected a string'],
  ])('the label names %o are refused, and nothing changes', async (labelNames, message) => {
    configureMetrics({ defaultLabels: { env: 'test' } });
    const before = await textOf();
    const error = errorOf(() =>
      configureMetrics({ labelNames: labelNames as Record<string, string>, prefix: 'x_' }),
    );
    expect(error.code).toBe('TM_ERR_LABEL_NAME');
    expect(error.message).toContain(message);
    expect(await textOf()).toBe(before);
  });

  test('a later default label or decorator label with an own name is refused', () => {
    configureMetrics({ labelNames: OWN });
    const ofDefault = errorOf(() => configureMetrics({ defaultLabels: { service: 'x' } }));
    expect(ofDefault.message).toContain("'labelNames' gives to 'thrift_service'");
    const ofDecorator = errorOf(() => {
      class Clashing {
        @Counted({ labels: { service: 'x' } }) run(): void {}
      }
      return Clashing;
    });
    expect(ofDecorator.code).toBe('TM_ERR_LABEL_NAME');
    expect(ofDecorator.message).toMatch(/run.*: label 'service' .* configureMetrics/);
  });
});
