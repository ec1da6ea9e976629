// A program whose workers use another copy of the package: node workers.mjs <threads|cluster> <copy> <copy of workers>.
// Prints a scrape of the main process after each worker has made three calls, and again after the workers have ended.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const [kind, copy, copyOfWorkers] = process.argv.slice(2);
const isMain = isMainThread && cluster.isPrimary;
const require = createRequire(import.meta.url);
const { instrumentHandler, renderMetrics } = require(isMain ? copy : copyOfWorkers);

const handler = instrumentHandler({ add: (a, b) => a + b }, { service: 'Calculator' });

async function scrape() {
  const { body } = await renderMetrics({ names: ['thrift_server_requests_total'] });
  const value = /^thrift_server_requests_total\{.*\} (\d+)$/m.exec(body.toString())?.[1];
  console.log(`requests: ${value}`);
}

if (isMain) {
  handler.add(1, 2);
  const start = () =>
    kind === 'cluster'
      ? cluster.fork()
      : new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
  const workers = [start(), start()];
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  await scrape();
  const ends = workers.map((worker) => once(worker, 'exit'));
  for (const worker of workers) (worker.send ?? worker.postMessage).call(worker, 'end');
  await Promise.all(ends);
  await scrape();
} else {
  for (let i = 0; i < 3; i++) handler.add(i, 1);
  const parent = parentPort ?? process;
  parent.on('message', (message) => {
    if (message === 'end') process.exit();
  });
  (parent.postMessage ?? parent.send).call(parent, 'ready');
}
