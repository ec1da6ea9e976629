// A cluster whose primary serves the live page and has no handler. A message { to, times } makes a worker count calls, and
// { to, restarts } replaces it.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { instrumentHandler, startMetricsServer } from 'thrift-metrics';

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  process.on('message', ({ to, times, restarts }) => {
    if (restarts) {
      workers[to].process.kill();
      workers[to] = cluster.fork();
    } else workers[to].send({ times });
  });
  const { url } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  process.send(url);
} else {
  const fail = () => {
    throw new RangeError('as asked');
  };
  const handler = instrumentHandler({ add: (a, b) => a + b, fail }, { service: 'Calculator' });
  process.on('message', ({ times = 0 }) => {
    for (let i = 0; i < times; i++) handler.add(i, 1);
    try {
      if (times > 0) handler.fail();
    } catch {
      // Only the count of the error matters.
    }
  });
}
