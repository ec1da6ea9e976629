// A program whose main thread makes 3 calls and whose worker thread makes 7. Prints what each producer and a scrape count.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import { instrumentHandler, renderMetrics } from 'thrift-metrics';
import { ThriftMetricProducer } from 'thrift-metrics/opentelemetry';

const REQUESTS = 'thrift_server_requests_total';

const handler = instrumentHandler({ run() {} }, { service: 'Threads' });
for (let i = 0; i < (isMainThread ? 3 : 7); i++) handler.run();

async function produced() {
  const { resourceMetrics } = await new ThriftMetricProducer().collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const requests = metrics.find(({ descriptor }) => descriptor.name === REQUESTS);
  return requests.dataPoints[0].value;
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const [ofWorker] = await once(worker, 'message');
  const { body } = await renderMetrics({ names: [REQUESTS] });
  const scraped = Number(/\d+$/.exec(body.toString().trim())[0]);
  console.log(JSON.stringify({ ofMain: await produced(), ofWorker, scraped }));
  worker.postMessage('end');
} else {
  parentPort.postMessage(await produced());
  await once(parentPort, 'message');
  parentPort.close();
}
