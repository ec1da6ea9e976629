// shop-client.mjs bare|instrumented <port>: calls 60 methods over several connections. Each message says for how long and, for
// a constant rate, how many calls per second; the answer says how many were made, the latencies, and the CPU time used.
import { createRequire } from 'node:module';
import thrift from 'thrift';
import { instrumentClient } from 'thrift-metrics';

import { callsOf } from '../service/shop-calls.mjs';

const CONNECTIONS = 4;
const LANES_PER_CONNECTION = 8;

const Shop = createRequire(import.meta.url)('../service/gen-nodejs/Shop.js');
const [, , kind, port] = process.argv;

function connect() {
  const connection = thrift.createConnection('127.0.0.1', Number(port), {});
  const client = thrift.createClient(Shop, connection);
  return kind === 'bare' ? client : instrumentClient(client, { name: 'bench', connection });
}

const lanes = Array.from({ length: CONNECTIONS }, connect).flatMap((client) =>
  Array.from({ length: LANES_PER_CONNECTION }, () => ({
    calls: callsOf(client),
    result: undefined,
  })),
);

async function callNext(lane) {
  lane.result = await lane.calls.next(lane.result).value;
}

/** Keeps a constant number of calls in progress. */
async function callAsFastAsPossible(milliseconds) {
  const end = performance.now() + milliseconds;
  let calls = 0;
  const run = async (lane) => {
    while (performance.now() < end) {
      await callNext(lane);
      calls++;
    }
  };
  await Promise.all(lanes.map(run));
  return { calls };
}

/**
 * Starts calls at a constant rate, each on the next lane. A lane makes one call at a time; the latency of a call that has to
 * wait for the one before includes that wait, so that a stall delays all calls behind it.
 */
async function callAtRate(milliseconds, perSecond) {
  const latencies = [];
  const last = lanes.map(() => Promise.resolve());
  const begin = performance.now();
  const call = async (before, lane, due) => {
    await before;
    await callNext(lane);
    latencies.push(performance.now() - due);
  };
  let started = 0;
  while (performance.now() - begin < milliseconds) {
    const due = ((performance.now() - begin) * perSecond) / 1000;
    for (; started < due; started++) {
      const at = started % lanes.length;
      last[at] = call(last[at], lanes[at], begin + (started * 1000) / perSecond);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(last);
  const sorted = latencies.toSorted((a, b) => a - b);
  const quantile = (q) => sorted[Math.floor(sorted.length * q)];
  return { calls: sorted.length, p50: quantile(0.5), p99: quantile(0.99) };
}

process.on('message', async ({ milliseconds, perSecond }) => {
  const before = process.cpuUsage();
  const found =
    perSecond === undefined
      ? await callAsFastAsPossible(milliseconds)
      : await callAtRate(milliseconds, perSecond);
  const { user, system } = process.cpuUsage(before);
  process.send({ ...found, cpu: user + system });
});
process.send('ready');
