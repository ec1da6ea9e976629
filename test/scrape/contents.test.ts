import { Gauge, Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';

import { configureMetrics, Counted } from '../../src/index';
import { currentRuntime } from '../../src/runtime/runtime';
import { registryContents } from '../../src/scrape/contents';

class Orders {
  @Counted('orders_total') static place(): void {}
}
void Orders;

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
  new Gauge({ name: 'first', help: 'x', registers: [registry] });
  configureMetrics({ registry, defaultLabels: {} });
  new Gauge({ name: 'last', help: 'x', registers: [registry] });
});

it("a registry has the families of this package and the user's metrics, in the order of registration", () => {
  const { entries, families, userMetrics } = registryContents(currentRuntime());
  const names = entries.map(({ family, userMetric }) => (family ?? userMetric).name);
  expect(names).toEqual(
    (registry.getMetricsAsArray() as { name: string }[]).map(({ name }) => name),
  );
  expect([names[0], names.at(-1)]).toEqual(['first', 'last']);
  expect(families.map(({ name }) => name)).toEqual(names.slice(1, -1));
  expect(families.map(({ name }) => name)).toContain('orders_total');
  expect(userMetrics.map(({ name }) => name)).toEqual(['first', 'last']);
  expect(entries.map(({ family }) => family).filter((family) => family !== null)).toEqual(families);
});

it('the default labels of configureMetrics win over those of the registry in the families only', () => {
  configureMetrics({ defaultLabels: { env: 'configured' } });
  registry.setDefaultLabels({ env: 'of the registry', zone: '1' });
  expect(registryContents(currentRuntime())).toMatchObject({
    defaultLabels: { env: 'of the registry', zone: '1' },
    familyLabels: { env: 'configured', zone: '1' },
  });
});

it('the contents have the names that readers see of built-in labels', () => {
  configureMetrics({ labelNames: { thrift_service: 'service' } });
  const { labelNames } = registryContents(currentRuntime());
  configureMetrics({ labelNames: {} });
  expect(labelNames.nameOf('thrift_service')).toBe('service');
});
