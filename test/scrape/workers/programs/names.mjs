// A process with a worker thread that has a metric of its own. Prints how many renders 150 scrapes with different `name[]`
// parameters take, and the answer to a scrape of metrics that only the worker has.
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Counter, Gauge } from 'prom-client';
import { instrumentHandler, metricsHandler } from 'thrift-metrics';

const READERS = 150;

const read = (port, query, agent) =>
  new Promise((resolve, reject) => {
    get({ port, agent, path: `/metrics?${query}` }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    }).on('error', reject);
  });

if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url));
  await once(worker, 'message');
  let collections = 0;
  let open;
  const allArrived = new Promise((resolve) => (open = resolve));
  new Gauge({
    name: 'gated',
    help: 'x',
    async collect() {
      this.set(++collections);
      await allArrived;
    },
  });
  let arrived = 0;
  const auth = () => {
    if (++arrived === READERS) open();
    return true;
  };
  const server = createServer(metricsHandler({ auth })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const answers = await Promise.all(
    Array.from({ length: READERS }, (_, i) =>
      read(port, `name[]=gated&name[]=thrift_server_requests_total&name[]=unknown_${i}`, false),
    ),
  );
  const renders = collections;
  const { text } = await read(port, 'name[]=thrift_server_latency_seconds_count&name[]=own_total');
  const statuses = [...new Set(answers.map(({ status }) => status))];
  const families = text.match(/^# TYPE \S+/gm);
  worker.postMessage('declare');
  await once(worker, 'message');
  const later = (await read(port, 'name[]=late_calls_total')).text.match(/^# TYPE \S+/gm);
  console.log(JSON.stringify({ statuses, renders, families, later }));
  process.exit();
} else {
  new Counter({ name: 'own_total', help: 'x' }).inc();
  instrumentHandler({ add: () => 1 }, { service: 'Calculator' }).add();
  parentPort.on('message', () => {
    instrumentHandler({ add: () => 1 }, { service: 'Late', counted: { name: 'late_calls_total' } });
    parentPort.postMessage('declared');
  });
  parentPort.postMessage('ready');
}
