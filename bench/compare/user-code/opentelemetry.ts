import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

const exporter = new PrometheusExporter({ port: Number(process.env['METRICS_PORT']) });
const meter = new MeterProvider({ readers: [exporter] }).getMeter('calculator');
const requests = meter.createCounter('thrift_server_requests', {
  description: 'Calls that reached the handler.',
});
const latency = meter.createHistogram('thrift_server_latency', {
  description: 'Time from the arrival of a call until it settles.',
  unit: 's',
  advice: {
    explicitBucketBoundaries: [
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ],
  },
});
const errors = meter.createCounter('thrift_server_errors', { description: 'Calls that failed.' });
const active = meter.createUpDownCounter('thrift_server_active_requests', {
  description: 'Calls in progress.',
});

export class CalculatorHandler {
  async add(left: number, right: number): Promise<number> {
    const attributes = { thrift_service: 'Calculator', thrift_method: 'add' };
    requests.add(1, attributes);
    active.add(1, attributes);
    const start = performance.now();
    let success = 'true';
    try {
      return left + right;
    } catch (error) {
      success = 'false';
      errors.add(1, { ...attributes, thrift_exception_type: (error as Error).name });
      throw error;
    } finally {
      const seconds = (performance.now() - start) / 1000;
      latency.record(seconds, { ...attributes, thrift_success: success });
      active.add(-1, attributes);
    }
  }

  async divide(left: number, right: number): Promise<number> {
    const attributes = { thrift_service: 'Calculator', thrift_method: 'divide' };
    requests.add(1, attributes);
    active.add(1, attributes);
    const start = performance.now();
    let success = 'true';
    try {
      if (right === 0) throw new RangeError('division by 0');
      return left / right;
    } catch (error) {
      success = 'false';
      errors.add(1, { ...attributes, thrift_exception_type: (error as Error).name });
      throw error;
    } finally {
      const seconds = (performance.now() - start) / 1000;
      latency.record(seconds, { ...attributes, thrift_success: success });
      active.add(-1, attributes);
    }
  }
}
