// The servers of the second part: a cluster that starts and ends workers as the IPC messages say.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';

import { configureMetrics, startMetricsServer } from 'thrift-metrics';

import { CalculatorHandler } from '../../../examples/calculator/handler.js';
import { serve } from './serve.js';
import { untilIdle } from './until-idle.js';
import { Watch, type Witness } from './watch.js';

/** How a worker will end. It is also a default label of the worker's metrics. */
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
  /** Exit codes or signals of workers that should have shut down cleanly and did not exit with code 0. */
  readonly badEnds: readonly string[];
}

/** The first message of a worker, and its last one if anything went wrong. */
type WorkerMessage = { readonly port: number } | { readonly uncaught: readonly string[] };

async function runPrimary(): Promise<void> {
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

  async function execute(order: Order): Promise<object> {
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
    (order: Order) => void execute(order).then((answer) => process.send?.(answer)),
  );
  // The parent process is gone.
  process.once('disconnect', () => process.exit(1));
  process.send?.({ metricsPort: metrics.port });
}

async function runWorker(): Promise<void> {
  const watch = new Watch();
  configureMetrics({
    defaultLabels: { env: 'soak', region: 'local', fate: process.env['SOAK_FATE'] ?? '' },
  });
  const { port, server } = await serve(new CalculatorHandler());
  const end = async (): Promise<void> => {
    server.close();
    await untilIdle();
    const { uncaught, faults } = watch;
    const wrong = [...uncaught, ...faults.map((site) => `fault at ${site}`)];
    if (wrong.length > 0) process.send?.({ uncaught: wrong } satisfies WorkerMessage);
    // Half of the workers exit, and the other half disconnect.
    if (process.pid % 2 === 0) process.exit(0);
    else cluster.worker?.disconnect();
  };
  process.on('message', (message) => {
    if (message === 'end') void end();
  });
  process.send?.({ port } satisfies WorkerMessage);
}

void (cluster.isPrimary ? runPrimary() : runWorker());
