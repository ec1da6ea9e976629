import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { instrumentHandler, renderMetrics, startMetricsServer } from 'thrift-metrics';

// Kept before a test fakes it.
const wait = sleep;

/** How long a call takes in reality. */
const MILLISECONDS = 30;

const handler = instrumentHandler(
  {
    async add() {
      await wait(MILLISECONDS);
      return 1;
    },
  },
  { service: 'Calculator' },
);

/** The metrics, by `renderMetrics` and from the endpoint. */
export async function check() {
  await handler.add();
  const rendered = (await renderMetrics()).body.toString();
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  const served = await get(`${server.url}/metrics`);
  await server.close();
  for (const text of [rendered, served]) {
    const labels = 'thrift_method="add",thrift_service="Calculator",thrift_success="true"';
    const sum = Number(
      text.split(`thrift_server_latency_seconds_sum{${labels}} `)[1]?.split('\n')[0],
    );
    if (!(sum > 0.02 && sum < 10)) throw new Error(`The duration is ${sum} s.`);
  }
}

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
