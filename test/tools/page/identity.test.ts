import { hostname } from 'node:os';

import { expect, it } from 'vitest';

import { identityOf } from '../../../src/tools/page/identity';

const nameOf = (
  env: Record<string, string>,
  labels: Record<string, string> = {},
  services: string[] = [],
) => identityOf(env, labels, services).name;

it('the page is named by what OpenTelemetry reads, then by the default labels, then by its services', () => {
  const env = { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' };
  expect(nameOf(env, { service: 'label' })).toBe('shop');
  expect(nameOf({ OTEL_RESOURCE_ATTRIBUTES: 'a=b, service.name=my%20shop' })).toBe('my shop');
  expect(nameOf({ OTEL_SERVICE_NAME: '' }, { service: 'label' }, ['Orders'])).toBe('label');
  expect(nameOf({}, {}, ['Orders', 'Stock'])).toBe('Orders, Stock');
  expect(nameOf({}, {}, ['Orders', 'Stock', 'Search'])).toBe('Orders and 2 more services');
  expect(nameOf({})).toBe('thrift-metrics');
});

it('the version is that of the resource, of the default labels, or of npm, and may be unknown', () => {
  const resource = {
    OTEL_RESOURCE_ATTRIBUTES: 'service.version=2%, =, x',
    npm_package_version: '1',
  };
  expect(identityOf(resource, { version: '3' }, []).version).toBe('2%');
  expect(identityOf({ npm_package_version: '1' }, { version: '3' }, []).version).toBe('3');
  expect(identityOf({ npm_package_version: '1' }, {}, []).version).toBe('1');
  expect(identityOf({}, {}, [])).toEqual({
    name: 'thrift-metrics',
    host: hostname(),
    version: null,
  });
});
