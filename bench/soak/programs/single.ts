// The server of the first part: one fully instrumented process that traces its calls, reloads its handler once a second, and
// whose clock jumps.
import { jumpingClock } from './jumping-clock.js';

import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { configureMetrics, startMetricsServer } from 'thrift-metrics';
import { enableTracing } from 'thrift-metrics/opentelemetry';

import { HotHandler } from './hot-handler.js';
import { serve } from './serve.js';
import { SpanCounts, type SpanReport } from './span-counts.js';
import { Watch, type Witness } from './watch.js';

export interface SingleReady {
  readonly thriftPort: number;
  readonly metricsPort: number;
}

export interface SingleReport extends Witness {
  readonly reloads: number;
  readonly clockJumps: number;
  readonly spans: SpanReport;
  readonly serverErrors: number;
}

/** Both orders are answered with a report. */
export type SingleOrder = 'sample' | 'report';

const RELOAD_MS = 1000;
const JUMP_MS = 1500;

async function main(): Promise<void> {
  const watch = new Watch();
  configureMetrics({ defaultLabels: { env: 'soak', region: 'local' } });
  const spans = new SpanCounts();
  new NodeTracerProvider({ spanProcessors: [spans] }).register();
  enableTracing();
  const hot = new HotHandler();
  const { port, errors } = await serve(hot.handler);
  const metrics = await startMetricsServer({
    port: 0,
    host: '127.0.0.1',
    // Profiles need it.
    auth: () => true,
    profile: true,
  });
  setInterval(() => hot.reload(), RELOAD_MS).unref();
  setInterval(() => jumpingClock.jump(), JUMP_MS).unref();
  const execute = async (order: SingleOrder): Promise<object> => {
    if (order === 'sample') await watch.sampleHeap();
    const { uncaught, faults, heap } = watch;
    return {
      uncaught,
      faults,
      heap,
      reloads: hot.reloads,
      clockJumps: jumpingClock.jumps,
      spans: spans.report,
      serverErrors: errors(),
    } satisfies SingleReport;
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
