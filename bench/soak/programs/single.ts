// The server of the first part: one fully instrumented process that reloads its handler once a second.
import { configureMetrics, startMetricsServer } from 'thrift-metrics';

import { HotHandler } from './hot-handler.js';
import { serve } from './serve.js';
import { Watch, type Witness } from './watch.js';

export interface SingleReady {
  readonly thriftPort: number;
  readonly metricsPort: number;
}

export interface SingleReport extends Witness {
  readonly reloads: number;
  readonly serverErrors: number;
}

/** Both orders are answered with a report. */
export type SingleOrder = 'sample' | 'report';

const RELOAD_MS = 1000;

async function main(): Promise<void> {
  const watch = new Watch();
  configureMetrics({ defaultLabels: { env: 'soak', region: 'local' } });
  const hot = new HotHandler();
  const { port, errors } = await serve(hot.handler);
  const metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  setInterval(() => hot.reload(), RELOAD_MS).unref();
  const execute = async (order: SingleOrder): Promise<object> => {
    if (order === 'sample') await watch.sampleHeap();
    const { uncaught, faults, heap } = watch;
    const report = { uncaught, faults, heap, reloads: hot.reloads, serverErrors: errors() };
    return report satisfies SingleReport;
  };
  process.on(
    'message',
    (order: SingleOrder) => void execute(order).then((answer) => process.send?.(answer)),
  );
  // The parent process is gone.
  process.once('disconnect', () => process.exit(1));
  process.send?.({ thriftPort: port, metricsPort: metrics.port } satisfies SingleReady);
}

void main();
