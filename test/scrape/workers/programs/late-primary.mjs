// A cluster or threads that start before the main thread loads thrift-metrics: two workers, of which only the first uses the
// package. Prints the requests in three scrapes, the time limits that each has set, and the messages of the second worker.
import cluster from 'node:cluster';
import { once } from 'node:events';
import timers from 'node:timers';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

async function scrapes() {
  // The package keeps the timer that it finds when it is loaded.
  let waits = [];
  const { setTimeout } = timers;
  timers.setTimeout = (run, delay, ...args) => {
    waits.push(delay);
    return setTimeout(run, delay, ...args);
  };
  const { renderMetrics } = await import('thrift-metrics');
  const found = [];
  const waited = [];
  for (let i = 0; i < 3; i++) {
    waits = [];
    const { body } = await renderMetrics({ names: ['thrift_server_requests_total'] });
    waited.push(waits);
    found.push(Number(/^thrift_server_requests_total\{.*\} (\d+)$/m.exec(String(body))?.[1] ?? 0));
  }
  return { found, waited };
}

async function work() {
  const { instrumentHandler } = await import('thrift-metrics');
  const handler = instrumentHandler({ add: () => 1 }, { service: 'Early' });
  for (let i = 0; i < 5; i++) handler.add();
}

if (!isMainThread) {
  if (workerData.uses) await work();
  parentPort.on('message', () => {});
  parentPort.postMessage('ready');
} else if (cluster.isWorker) {
  const messages = [];
  process.on('message', (message) => {
    if (message === 'report') process.send({ messages });
    else messages.push(message);
  });
  if (process.env.USES) await work();
  process.send('ready');
} else if (process.argv[2] === 'cluster') {
  const workers = ['1', ''].map((USES) => cluster.fork({ USES }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const result = await scrapes();
  workers[1].send('report');
  const [{ messages }] = await once(workers[1], 'message');
  console.log(JSON.stringify({ ...result, messages }));
  process.exit();
} else {
  const workers = [true, false].map(
    (uses) => new Worker(fileURLToPath(import.meta.url), { workerData: { uses } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  console.log(JSON.stringify({ ...(await scrapes()), messages: [] }));
  process.exit();
}
