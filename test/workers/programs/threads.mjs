// A program with worker threads whose main thread does what it is told, as that of cluster.mjs.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { configureMetrics, renderMetrics } from 'thrift-metrics';

import { obey } from './calls.mjs';

configureMetrics({ defaultLabels: { env: 'test' } });

if (isMainThread) {
  const workers = [];
  process.on('message', async (message) => {
    if (message.fork) {
      const worker = new Worker(new URL(import.meta.url));
      await once(worker, 'message');
      workers.push(worker);
    } else if (message.scrape) {
      const { contentType, body } = await renderMetrics({ accept: message.accept ?? '' });
      process.send({ contentType, body: body.toString('latin1') });
      return;
    } else if (message.kill) await workers[message.to].terminate();
    else if (message.to === undefined) obey(message);
    else {
      workers[message.to].postMessage(message);
      if (!message.hang) await once(workers[message.to], 'message');
    }
    process.send('done');
  });
} else {
  parentPort.on('message', (message) => {
    obey(message);
    parentPort.postMessage('done');
  });
  parentPort.postMessage('ready');
}
