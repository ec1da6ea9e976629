// A cluster whose primary does what it is told over IPC: { fork }, { to, times | hang | kill }, { scrape }.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { configureMetrics, renderMetrics } from 'thrift-metrics';

import { obey } from './calls.mjs';

configureMetrics({ defaultLabels: { env: 'test' } });

if (cluster.isPrimary) {
  const workers = [];
  process.on('message', async (message) => {
    if (message.fork) {
      const worker = cluster.fork();
      await once(worker, 'message');
      workers.push(worker);
    } else if (message.scrape) {
      const { contentType, body } = await renderMetrics({ accept: message.accept ?? '' });
      process.send({ contentType, body: body.toString('latin1') });
      return;
    } else if (message.kill) {
      const gone = once(workers[message.to], 'exit');
      workers[message.to].process.kill('SIGKILL');
      await gone;
    } else if (message.to === undefined) obey(message);
    else {
      workers[message.to].send(message);
      if (!message.hang) await once(workers[message.to], 'message');
    }
    process.send('done');
  });
} else {
  process.on('message', (message) => {
    if (message.type !== undefined) return;
    obey(message);
    process.send('done');
  });
  process.send('ready');
}
