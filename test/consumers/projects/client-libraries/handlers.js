'use strict';
const { configureMetrics, instrumentHandler, renderMetrics } = require('thrift-metrics');

const reports = [];
configureMetrics({ onError: ({ code, message }) => reports.push({ code, message }) });

exports.handler = instrumentHandler({ add: async () => 1 }, { service: 'Calculator' });

/** Prints whether the registry of the program and the endpoint show both the program's metrics and those of the package. */
exports.report = async ({ register, Counter }) => {
  await exports.handler.add();
  new Counter({ name: 'app_jobs_total', help: 'Jobs.', registers: [register] }).inc();
  const isWhole = (text) =>
    text.includes('app_jobs_total 1') && text.includes('thrift_server_requests_total{');
  const registry = isWhole(await register.metrics());
  const endpoint = isWhole((await renderMetrics()).body.toString());
  console.log(JSON.stringify({ registry, endpoint, reports }));
};
