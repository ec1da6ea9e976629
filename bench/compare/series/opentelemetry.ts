import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics';

const BOUNDARIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export async function serve(port: number, series: number): Promise<void> {
  const exporter = new PrometheusExporter({ port, preventServerStart: true });
  const view = {
    instrumentName: '*',
    // Above the default of 2,000, all other series would be merged into one.
    aggregationCardinalityLimit: series + 1,
    aggregation: {
      type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
      options: { boundaries: BOUNDARIES },
    } as const,
  };
  const provider = new MeterProvider({ readers: [exporter], views: [view] });
  const latency = provider.getMeter('many').createHistogram('thrift_server_latency', {
    description: 'Time from the arrival of a call until it settles.',
    unit: 's',
  });
  const labels = { env: 'prod', region: 'eu', thrift_service: 'Many', thrift_method: 'run' };
  for (let i = 0; i < series; i++) {
    latency.record(0.0001, { ...labels, thrift_success: 'true', tag: `tag${i}` });
  }
  await exporter.startServer();
}
