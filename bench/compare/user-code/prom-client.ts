import { createServer } from 'node:http';

import { Counter, Gauge, Histogram, register } from 'prom-client';

const labelNames = ['thrift_service', 'thrift_method'];
const requests = new Counter({
  name: 'thrift_server_requests_total',
  help: 'Calls that reached the handler.',
  labelNames,
});
const latency = new Histogram({
  name: 'thrift_server_latency_seconds',
  help: 'Time from the arrival of a call until it settles.',
  labelNames: [...labelNames, 'thrift_success'],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});
const errors = new Counter({
  name: 'thrift_server_errors_total',
  help: 'Calls that failed.',
  labelNames: [...labelNames, 'thrift_exception_type'],
});
const active = new Gauge({
  name: 'thrift_server_active_requests',
  help: 'Calls in progress.',
  labelNames,
});

export class CalculatorHandler {
  async add(left: number, right: number): Promise<number> {
    const labels = { thrift_service: 'Calculator', thrift_method: 'add' };
    requests.inc(labels);
    active.inc(labels);
    const end = latency.startTimer(labels);
    try {
      const result = left + right;
      end({ thrift_success: 'true' });
      return result;
    } catch (error) {
      end({ thrift_success: 'false' });
      errors.inc({ ...labels, thrift_exception_type: (error as Error).name });
      throw error;
    } finally {
      active.dec(labels);
    }
  }

  async divide(left: number, right: number): Promise<number> {
    const labels = { thrift_service: 'Calculator', thrift_method: 'divide' };
    requests.inc(labels);
    active.inc(labels);
    const end = latency.startTimer(labels);
    try {
      if (right === 0) throw new RangeError('division by 0');
      const result = left / right;
      end({ thrift_success: 'true' });
      return result;
    } catch (error) {
      end({ thrift_success: 'false' });
      errors.inc({ ...labels, thrift_exception_type: (error as Error).name });
      throw error;
    } finally {
      active.dec(labels);
    }
  }
}

register.setDefaultLabels({ env: 'prod', region: 'eu' });
createServer(async (_request, response) => {
  response.setHeader('Content-Type', register.contentType);
  response.end(await register.metrics());
}).listen(Number(process.env['METRICS_PORT']));
