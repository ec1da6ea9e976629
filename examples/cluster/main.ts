import cluster, { type Address, type Worker } from 'node:cluster';
import { once } from 'node:events';
import { join } from 'node:path';
import { createClient, createConnection } from 'thrift';
import { startMetricsServer } from 'thrift-metrics';

import * as Calculator from '../calculator/gen-nodejs/Calculator.js';

const WORKERS = 2;
const CALLS = 6;

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

async function main(): Promise<void> {
  cluster.setupPrimary({ exec: join(__dirname, 'worker.ts') });
  const workers = Array.from({ length: WORKERS }, () => cluster.fork());
  const [port = 0] = await Promise.all(workers.map(portOf));
  const metrics = await startMetricsServer({ port: 0 });

  await callWorkers(port);
  await show(metrics.url, `After ${CALLS} calls of ${WORKERS} workers`);

  const [victim] = workers;
  victim?.process.kill('SIGKILL');
  await once(cluster, 'exit');
  await show(metrics.url, `Worker ${victim?.id} has been killed`);

  const next = cluster.fork();
  await portOf(next);
  await callWorkers(port);
  await show(metrics.url, `After ${CALLS} more calls, with worker ${next.id} in its place`);

  await new Promise<void>((resolve) => cluster.disconnect(resolve));
  await metrics.close();
}

async function portOf(worker: Worker): Promise<number> {
  const [{ port }] = (await once(worker, 'listening')) as [Address];
  return port;
}

/** Opens one connection after another. The primary hands each to the next worker. */
async function callWorkers(port: number): Promise<void> {
  for (let call = 1; call <= CALLS; call++) {
    const connection = createConnection('127.0.0.1', port, {});
    await createClient(Calculator.Client, connection).add(call, call);
    connection.end();
    await once(connection, 'close');
  }
}

async function show(url: string, when: string): Promise<void> {
  const scraped = await (await fetch(`${url}/metrics`)).text();
  const samples = scraped
    .split('\n')
    .filter((line) => /^(thrift_server|worker)_requests_total\{/.test(line));
  console.log(`${when}:\n\n${samples.join('\n')}\n`);
}
