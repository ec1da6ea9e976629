// A cluster, or with `threads` a process with worker threads, whose metrics server shows the calls of all: each of two workers
// has a call that hangs and one that failed. `workers` lets a worker serve the metrics instead. The second worker blocks its
// event loop at SIGUSR2.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { configureMetrics, instrument, startMetricsServer } from 'thrift-metrics';

const [, , kind] = process.argv;
const isMain = cluster.isPrimary && isMainThread;

async function work(number, post) {
  configureMetrics({ calls: { arguments: ({ args }) => `of ${args[0]}` } });
  const hang = instrument(() => new Promise(() => {}), { service: 'Job', method: 'hang' });
  const fail = instrument(async () => Promise.reject(new Error(`from ${number}`)), {
    service: 'Job',
    method: 'fail',
  });
  void hang(number);
  await fail().catch(() => {});
  const server =
    kind === 'worker serves' && number === 1
      ? await startMetricsServer({ port: 0, host: '127.0.0.1' })
      : null;
  post({ ready: true, pid: process.pid, url: server?.url });
}

function block() {
  const until = Date.now() + 4000;
  while (Date.now() < until);
}

if (isMain) {
  const workers = [];
  let url = null;
  const ready = [];
  for (let i = 1; i <= 2; i++) {
    const worker =
      kind === 'threads'
        ? new Worker(fileURLToPath(import.meta.url), { workerData: i, argv: [kind] })
        : cluster.fork({ WORKER_NUMBER: String(i) });
    workers.push(worker);
    ready.push(
      new Promise((resolve) => {
        worker.on('message', (message) => {
          if (message.ready !== true) return;
          url ??= message.url ?? null;
          resolve();
        });
      }),
    );
  }
  await Promise.all(ready);
  url ??= (await startMetricsServer({ port: 0, host: '127.0.0.1' })).url;
  console.log(`calls ${url}`);
  process.on('SIGUSR2', () => {
    workers[1].send?.({ block: true });
    workers[1].postMessage?.({ block: true });
  });
  await once(process, 'SIGTERM');
  process.exit();
} else if (isMainThread) {
  process.on('message', (message) => {
    if (message.block) block();
  });
  await work(Number(process.env.WORKER_NUMBER), (message) => process.send(message));
} else {
  parentPort.on('message', (message) => {
    if (message.block) block();
  });
  await work(workerData, (message) => parentPort.postMessage(message));
}
