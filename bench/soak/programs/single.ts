// The server of the first part: one process, measured in full, whose handler is loaded anew once a second.
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

/** Either is answered with a report. */
export type SingleOrder = 'sample' | 'report';

const RELOAD_MS = 1000;

async function main(): Promise<void> {
  const watch = new Watch();
  configureMetrics({ defaultLabels: { env: 'soak', region: 'local' } });
  const hot = new HotHandler();
  const { port, errors } = await serve(hot.handler);
  const metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  setInterval(() => hot.reload(), RELOAD_MS).unref();
  const obey = async (order: SingleOrder): Promise<object> => {
    if (order === 'sample') await watch.sampleHeap();
    const { uncaught, faults, heap } = watch;
    const report = { uncaught, faults, heap, reloads: hot.reloads, serverErrors: errors() };
    return report satisfies SingleReport;
  };
  process.on(
    'message',
    (order: SingleOrder) => void obey(order).then((answer) => process.send?.(answer)),
  );
  // Whoever started it is gone.
  process.once('disconnect', () => process.exit(1));
  process.send?.({ thriftPort: port, metricsPort: metrics.port } satisfies SingleReady);
}

void main();
