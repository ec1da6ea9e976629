// A Thrift service with a large scrape and its metrics endpoint in one process, for test/endpoint/hostile-readers.test.ts.
// It reports its ports over IPC, and then, for each message, the most memory it has held since the previous one.
import { Gauge } from 'prom-client';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { configureMetrics, Instrumented, startMetricsServer, Timed } from '../../../src/index';
import { startThrift, type Service } from '../../support/start-thrift';

const series = Number(process.argv[2]);
configureMetrics({ maxSeriesPerMetric: series });

@Instrumented({ service: 'Calculator' })
class Handler {
  add(left: number, right: number): number {
    return left + right;
  }
}

class LargeHandler {
  @Timed('large_seconds', { labels: { series: ({ args }) => args[0] as string } })
  static run(_series: string): void {}
}
for (let i = 0; i < series; i++) LargeHandler.run(String(i));

for (let i = 0; i < 10; i++) {
  new Gauge({ name: `small_${i}`, help: 'A gauge.' }).set(i);
}

let peak = 0;
const sample = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
setInterval(sample, 5);
process.on('message', () => {
  sample();
  process.send?.(peak);
  peak = 0;
});

void (async () => {
  const thrift = await startThrift(Calculator as unknown as Service, new Handler());
  const metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  process.send?.({ thrift: thrift.port, metrics: metrics.port });
})();
