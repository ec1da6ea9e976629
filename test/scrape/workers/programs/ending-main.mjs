// Runs a worker thread and a cluster worker to their end, prints their sum, and exits when nothing is left to do.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { renderMetrics } from 'thrift-metrics';

import { obey } from './obey.mjs';

if (cluster.isPrimary) {
  const workerData = { times: 3 };
  await once(new Worker(new URL('ending-thread.mjs', import.meta.url), { workerData }), 'exit');
  await once(cluster.fork(), 'disconnect');
  const { body } = await renderMetrics({ names: ['thrift_server_requests_total'] });
  console.log(body.toString());
} else {
  obey({ times: 4 });
  cluster.worker.disconnect();
}
