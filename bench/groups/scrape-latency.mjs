// Measures the 99th percentile of RPC latency: without scrapes, with one of ours each second, with one of prom-client's.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

import { isQuick, median, report } from '../measure.mjs';

const ROUNDS = isQuick ? 1 : 7;
const SECONDS = isQuick ? 1 : 4;
const PER_MILLISECOND = 1;

const program = (name, args = []) =>
  fork(fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url)), args, { execArgv: [] });

const server = program('server');
const [ports] = await once(server, 'message');
const client = program('client', [String(ports.thrift)]);
await once(client, 'message');

function scrape(port) {
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${port}/metrics`;
    // The encoding that Prometheus requests.
    http
      .get(url, { headers: { 'Accept-Encoding': 'gzip' } }, (response) =>
        response.resume().on('end', resolve),
      )
      .on('error', reject);
  });
}

async function p99(port) {
  const scrapes = [];
  const timer =
    port === undefined ? undefined : setInterval(() => scrapes.push(scrape(port)), 1000);
  client.send({ seconds: SECONDS, perMillisecond: PER_MILLISECOND });
  const [latencies] = await once(client, 'message');
  clearInterval(timer);
  await Promise.all(scrapes);
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)];
}

const rounds = { none: [], ours: [], prom: [] };
// Warm up the compiler.
await p99();
await p99(ports.ours);
for (let round = 0; round < ROUNDS; round++) {
  rounds.none.push(await p99());
  rounds.ours.push(await p99(ports.ours));
  rounds.prom.push(await p99(ports.prom));
}
server.kill();
client.kill();
report(Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, median(values)])));
