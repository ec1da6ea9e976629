import { configureMetrics, Instrumented, startMetricsServer } from 'thrift-metrics';

@Instrumented
export class CalculatorHandler {
  async add(left: number, right: number): Promise<number> {
    return left + right;
  }

  async divide(left: number, right: number): Promise<number> {
    if (right === 0) throw new RangeError('division by 0');
    return left / right;
  }
}

configureMetrics({ defaultLabels: { env: 'prod', region: 'eu' } });
await startMetricsServer({ port: Number(process.env['METRICS_PORT']) });
