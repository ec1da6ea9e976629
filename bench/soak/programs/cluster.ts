// The servers of the second part: a cluster whose workers come and go as the messages over IPC say.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Gauge, register } from 'prom-client';
import { configureMetrics, startMetricsServer } from 'thrift-metrics';

import { CalculatorHandler } from '../../../examples/calculator/handler.js';
import { serve } from './serve.js';
import { Watch, type Witness } from './watch.js';

/** How the life of a worker is to end, which is also a label of all that it counts. */
export type Fate = 'orderly' | 'killed';

export type Order =
  | { readonly fork: Fate }
  | { readonly end: number }
  | { readonly kill: number }
  | 'sample'
  | 'report';

export interface Forked {
  readonly id: number;
  readonly port: number;
}

export interface ClusterReport extends Witness {
  /** How workers ended that were to end in order, where that was not with the code 0. */
  readonly badEnds: readonly string[];
}

/** What a worker sends first, and with what it dies, if anything goes wrong. */
type WorkerMessage = { readonly port: number } | { readonly uncaught: readonly string[] };

async function lead(): Promise<void> {
  const watch = new Watch();
  const badEnds: string[] = [];
  const workers = new Map<number, Worker>();
  const metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });

  async function fork(fate: Fate): Promise<Forked> {
    const worker = cluster.fork({ SOAK_FATE: fate });
    workers.set(worker.id, worker);
    const port = await new Promise<number>((resolve) => {
      worker.on('message', (message: WorkerMessage) => {
        if ('port' in message) resolve(message.port);
        else if ('uncaught' in message) watch.uncaught.push(...message.uncaught);
      });
    });
    return { id: worker.id, port };
  }

  async function finish(id: number, how: (worker: Worker) => void): Promise<string> {
    const worker = workers.get(id) as Worker;
    workers.delete(id);
    const ended = Promise.all([once(worker, 'exit'), once(worker, 'disconnect')]);
    how(worker);
    const [[code, signal]] = await ended;
    return String(signal ?? code);
  }

  async function obey(order: Order): Promise<object> {
    if (order === 'sample' || order === 'report') {
      if (order === 'sample') await watch.sampleHeap();
      const { uncaught, faults, heap } = watch;
      return { uncaught, faults, heap, badEnds } satisfies ClusterReport;
    }
    if ('fork' in order) return fork(order.fork);
    if ('kill' in order) return { end: await finish(order.kill, (w) => w.process.kill('SIGKILL')) };
    const end = await finish(order.end, (worker) => worker.send('end'));
    if (end !== '0') badEnds.push(end);
    return { end };
  }

  process.on(
    'message',
    (order: Order) => void obey(order).then((answer) => process.send?.(answer)),
  );
  // Whoever started it is gone.
  process.once('disconnect', () => process.exit(1));
  process.send?.({ metricsPort: metrics.port });
}

async function work(): Promise<void> {
  const watch = new Watch();
  configureMetrics({
    defaultLabels: { env: 'soak', region: 'local', fate: process.env['SOAK_FATE'] ?? '' },
  });
  const { port, server } = await serve(new CalculatorHandler());
  const end = async (): Promise<void> => {
    server.close();
    await idle();
    const { uncaught, faults } = watch;
    const wrong = [...uncaught, ...faults.map((site) => `fault at ${site}`)];
    if (wrong.length > 0) process.send?.({ uncaught: wrong } satisfies WorkerMessage);
    // Half of them by each of the two ways in which a worker says farewell.
    if (process.pid % 2 === 0) process.exit(0);
    else cluster.worker?.disconnect();
  };
  process.on('message', (message) => {
    if (message === 'end') void end();
  });
  process.send?.({ port } satisfies WorkerMessage);
}

/** A oneway call goes on after the client has hung up; what ends before it has not counted how it ended. */
async function idle(): Promise<void> {
  const active = register.getSingleMetric('thrift_server_active_requests') as Gauge;
  while ((await active.get()).values.some(({ value }) => value > 0)) await sleep(1);
}

void (cluster.isPrimary ? lead() : work());
