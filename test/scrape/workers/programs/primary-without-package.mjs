// A cluster whose primary does not load thrift-metrics, like a process manager. Prints the messages of its worker.
import cluster from 'node:cluster';
import { once } from 'node:events';

if (cluster.isPrimary) {
  const worker = cluster.fork();
  const messages = [];
  worker.on('message', (message) => messages.push(message));
  const [[code]] = await Promise.all([once(worker, 'exit'), once(worker, 'disconnect')]);
  console.log(JSON.stringify({ code, messages }));
} else {
  const { obey } = await import('./obey.mjs');
  obey({ times: 3 });
  process.send('own');
  process.exit(3);
}
