// A cluster whose primary does not load thrift-metrics, like a process manager. Each of two workers serves the metrics on one
// of the ports in the arguments, because workers share a port. Each has a call that hangs, and a thread that has one. At
// SIGUSR2, the threads block their event loops. At SIGHUP, the first worker is killed. At SIGCONT, a worker joins that serves
// on a third port.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

async function work(number) {
  const { configureMetrics, instrument, startMetricsServer } = await import('thrift-metrics');
  configureMetrics({ calls: { arguments: ({ args }) => `of ${args[0]}` } });
  const hang = instrument(() => new Promise(() => {}), { service: 'Job', method: 'hang' });
  void hang(number);
  return startMetricsServer;
}

function block() {
  const until = Date.now() + 4000;
  while (Date.now() < until);
}

if (!isMainThread) {
  await work(workerData);
  parentPort.on('message', block);
  parentPort.postMessage('ready');
} else if (cluster.isPrimary) {
  const [first, second, third] = process.argv.slice(2);
  const fork = (number, port) =>
    once(cluster.fork({ WORKER_NUMBER: number, PORT: port }), 'message');
  await Promise.all([fork(1, first), fork(2, second)]);
  console.log('ready');
  process.on('SIGCONT', () => void fork(5, third).then(() => console.log('joined')));
  process.on('SIGUSR2', () => {
    for (const worker of Object.values(cluster.workers)) worker.send('block');
  });
  process.on('SIGHUP', () => cluster.workers[1].kill('SIGKILL'));
  await once(process, 'SIGTERM');
  process.exit();
} else {
  const { WORKER_NUMBER, PORT } = process.env;
  const startMetricsServer = await work(Number(WORKER_NUMBER));
  const thread = new Worker(fileURLToPath(import.meta.url), {
    workerData: Number(WORKER_NUMBER) + 2,
  });
  await once(thread, 'message');
  process.on('message', (message) => message === 'block' && thread.postMessage('block'));
  await startMetricsServer({ port: Number(PORT), host: '127.0.0.1' });
  process.send('ready');
}
