import { createServer } from 'node:http';

import { Histogram, register } from 'prom-client';

const latency = new Histogram({
  name: 'thrift_server_latency_seconds',
  help: 'Time from the arrival of a call until it settles.',
  labelNames: ['thrift_service', 'thrift_method', 'thrift_success', 'tag'],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

export async function serve(port: number, series: number): Promise<void> {
  register.setDefaultLabels({ env: 'prod', region: 'eu' });
  const labels = { thrift_service: 'Many', thrift_method: 'run', thrift_success: 'true' };
  for (let i = 0; i < series; i++) latency.observe({ ...labels, tag: `tag${i}` }, 0.0001);
  const server = createServer(async (_request, response) => {
    response.setHeader('Content-Type', register.contentType);
    response.end(await register.metrics());
  });
  await new Promise<void>((resolve) => server.listen(port, resolve));
}
