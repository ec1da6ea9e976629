import { Autometrics, registerExporter } from '@autometrics/autometrics';
import { PrometheusExporter } from 'autometrics-exporter-prometheus';

@Autometrics({ trackConcurrency: true })
export class CalculatorHandler {
  async add(left: number, right: number): Promise<number> {
    return left + right;
  }

  async divide(left: number, right: number): Promise<number> {
    if (right === 0) throw new RangeError('division by 0');
    return left / right;
  }
}

registerExporter({
  metricReader: new PrometheusExporter({ port: Number(process.env['METRICS_PORT']) }),
});
