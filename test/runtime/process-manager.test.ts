import { afterEach, expect, test, vi } from 'vitest';

import { adoptVariables, processManagerApp } from '../../src/runtime/process-manager';

// PM2 has the settings of an application as JSON in `pm2_env`, and once its program runs, each in a variable of its own.

afterEach(() => vi.unstubAllEnvs());

const SHOP = { name: 'shop', pm_exec_path: '/srv/shop/server.js' };

function stub(variables: Record<string, string | undefined>): void {
  for (const name of ['name', 'pm_exec_path', 'pm2_env']) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

test('the application of PM2 is the same before and after PM2 has set its variables', () => {
  stub({ pm2_env: JSON.stringify(SHOP) });
  const before = processManagerApp();
  stub(SHOP);
  expect(processManagerApp()).toBe(before);
  expect(before).not.toBeNull();
});

test.each([
  ['name', { ...SHOP, name: 'stock' }],
  ['program', { ...SHOP, pm_exec_path: '/srv/stock/server.js' }],
])('the application of PM2 is another one if its %s differs', (_, other) => {
  stub(SHOP);
  const shop = processManagerApp();
  stub(other);
  expect(processManagerApp()).not.toBe(shop);
});

test.each([
  ['without variables of PM2', {}],
  ['with a variable called name alone', { name: 'shop' }],
  ['with a variable called pm_exec_path alone', { pm_exec_path: '/srv/shop/server.js' }],
  ['with settings that name nothing', { pm2_env: '{}' }],
  ['with settings that are not an object', { pm2_env: 'null' }],
  ['with a name that is not a text', { pm2_env: JSON.stringify({ ...SHOP, name: 7 }) }],
])('the application of PM2 is not known %s', (_, variables) => {
  stub(variables);
  expect(processManagerApp()).toBeNull();
});

test('the application of PM2 is read from single variables if pm2_env is not JSON', () => {
  stub(SHOP);
  const shop = processManagerApp();
  stub({ ...SHOP, pm2_env: '{' });
  expect(processManagerApp()).toBe(shop);
});

test('a process of PM2 gets the variables of this package that its application has', () => {
  vi.stubEnv('THRIFT_METRICS_PORT', undefined);
  vi.stubEnv('THRIFT_METRICS_PREFIX', 'of the daemon');
  vi.stubEnv('OTHER_PORT', undefined);
  const variables = { THRIFT_METRICS_PORT: 9464, THRIFT_METRICS_PREFIX: 'shop_', OTHER_PORT: 1 };
  stub({ pm2_env: JSON.stringify({ ...SHOP, ...variables }) });
  adoptVariables();
  const { THRIFT_METRICS_PORT, THRIFT_METRICS_PREFIX, OTHER_PORT } = process.env;
  expect({ THRIFT_METRICS_PORT, THRIFT_METRICS_PREFIX, OTHER_PORT }).toEqual({
    THRIFT_METRICS_PORT: '9464',
    THRIFT_METRICS_PREFIX: 'shop_',
    OTHER_PORT: undefined,
  });
});

test('a process of PM2 keeps its variables once PM2 has set them', () => {
  stub(SHOP);
  vi.stubEnv('THRIFT_METRICS_PORT', '9464');
  const before = { ...process.env };
  adoptVariables();
  expect({ ...process.env }).toEqual(before);
});
