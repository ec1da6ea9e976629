'use strict';
const http = require('node:http');
const { setTimeout: startTimer } = require('node:timers');

const { instrumentHandler, renderMetrics, startMetricsServer } = require('thrift-metrics');

const handler = instrumentHandler(
  {
    async add() {
      await new Promise((resolve) => startTimer(resolve, 30));
      return 1;
    },
  },
  { service: 'Calculator' },
);

function get(url) {
  return new Promise((resolve, reject) => {
    http
      .get(url, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });
}

test('metrics are rendered and served', async () => {
  jest.useFakeTimers();
  await handler.add();
  const rendered = (await renderMetrics()).body.toString();
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  const served = await get(`${server.url}/metrics`);
  await server.close();
  jest.useRealTimers();
  for (const text of [rendered, served]) {
    const sum = Number(/^thrift_server_latency_seconds_sum\{.*"true"\} (.*)$/m.exec(text)?.[1]);
    expect(sum).toBeGreaterThan(0.02);
    expect(sum).toBeLessThan(10);
  }
}, 10_000);
