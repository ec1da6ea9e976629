'use strict';
const { valueOf } = require('./value-of');

test("the metrics are in the registry of the test's own prom-client", async () => {
  const { instrumentHandler } = require('thrift-metrics');
  const { register } = require('prom-client');
  instrumentHandler({ add: (a, b) => a + b }, { service: 'Plain' }).add(1, 2);
  const add = { thrift_service: 'Plain', thrift_method: 'add' };
  expect(valueOf(await register.metrics(), 'thrift_server_requests_total', add)).toBe(1);
});
