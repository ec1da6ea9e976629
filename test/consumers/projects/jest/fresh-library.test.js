'use strict';
const { valueOf } = require('./value-of');

const REQUESTS = 'thrift_server_requests_total';

function count(service) {
  const { instrumentHandler } = require('thrift-metrics');
  instrumentHandler({ add: (left, right) => left + right }, { service }).add(1, 2);
}

async function counted({ register }, service) {
  return valueOf(await register.metrics(), REQUESTS, { thrift_service: service });
}

for (const calls of [1, 2]) {
  test(`the registry of reset modules has what the test counted, round ${calls}`, async () => {
    jest.resetModules();
    count('Reset');
    expect(await counted(require('prom-client'), 'Reset')).toBe(calls);
  });
}

test('isolated modules have a registry of their own, and the others follow', async () => {
  count('Isolated');
  const outer = require('prom-client');
  await jest.isolateModulesAsync(async () => {
    count('Isolated');
    expect(await counted(require('prom-client'), 'Isolated')).toBe(2);
  });
  count('Isolated');
  expect(await counted(outer, 'Isolated')).toBe(3);
});

test('a configured registry stays the one in use', async () => {
  jest.resetModules();
  const { register } = require('prom-client');
  require('thrift-metrics').configureMetrics({ registry: register });
  jest.resetModules();
  count('Configured');
  expect(await counted({ register }, 'Configured')).toBe(1);
});
