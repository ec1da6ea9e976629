'use strict';

test("thrift-metrics/dashboards builds a dashboard of the test's metrics", () => {
  const { instrumentHandler } = require('thrift-metrics');
  const { createGrafanaDashboard } = require('thrift-metrics/dashboards');
  instrumentHandler({ add: (a, b) => a + b }, { service: 'Plain' });
  expect(JSON.stringify(createGrafanaDashboard())).toContain('thrift_server_requests_total');
});
