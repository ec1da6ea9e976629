import { createRequire } from 'node:module';

import { register } from 'prom-client';
import * as imported from 'thrift-metrics';
import { Counted, renderMetrics, startMetricsServer } from 'thrift-metrics';
import { createGrafanaDashboard } from 'thrift-metrics/dashboards';

import { handlers, NotFound, required } from './handler.js';

for (const handler of handlers) {
  try {
    handler.find();
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
const page = [];
for (const file of ['', '-/main.js', '-/page.css', '-/uplot.js', '-/uplot.css']) {
  const response = await fetch(`${server.url}/${file}`);
  await response.arrayBuffer();
  page.push([file, response.status]);
}
await server.close();

const dashboards = createRequire(import.meta.url)('thrift-metrics/dashboards');
const { body } = await renderMetrics();
console.log(
  JSON.stringify({
    sameDecorator: required.Counted === Counted,
    names: Object.keys(required).filter((name) => !(name in imported)),
    text: body.toString(),
    requiredText: (await required.renderMetrics()).body.toString(),
    registryText: await register.metrics(),
    page,
    sameDashboards: dashboards.createGrafanaDashboard === createGrafanaDashboard,
    dashboard: JSON.stringify(createGrafanaDashboard()),
  }),
);
