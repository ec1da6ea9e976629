import { configureMetrics, startMetricsServer, Timed } from 'thrift-metrics';

class ManyHandler {
  @Timed({ labels: { tag: ({ args }) => args[0] } })
  run(_tag: string): void {}
}

export async function serve(port: number, series: number): Promise<void> {
  configureMetrics({
    defaultLabels: { env: 'prod', region: 'eu' },
    maxSeriesPerMetric: series + 1,
    processMetrics: false,
  });
  const handler = new ManyHandler();
  for (let i = 0; i < series; i++) handler.run(`tag${i}`);
  await startMetricsServer({ port });
}
