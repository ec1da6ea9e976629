// The four metrics written by hand with prom-client, error paths included.
import client from 'prom-client';

const labelNames = ['thrift_service', 'thrift_method'];
const registers = [new client.Registry()];
export const requests = new client.Counter({
  name: 'requests_total',
  help: 'x',
  labelNames,
  registers,
});
export const active = new client.Gauge({ name: 'active', help: 'x', labelNames, registers });
export const errors = new client.Counter({
  name: 'errors_total',
  help: 'x',
  labelNames: [...labelNames, 'thrift_exception_type'],
  registers,
});
export const latency = new client.Histogram({
  name: 'latency_seconds',
  help: 'x',
  labelNames: [...labelNames, 'thrift_success'],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers,
});

export class ByHandSync {
  add(a, b) {
    requests.inc({ thrift_service: 'Calculator', thrift_method: 'add' });
    active.inc({ thrift_service: 'Calculator', thrift_method: 'add' });
    const end = latency.startTimer({ thrift_service: 'Calculator', thrift_method: 'add' });
    try {
      const result = a + b;
      end({ thrift_success: 'true' });
      return result;
    } catch (error) {
      end({ thrift_success: 'false' });
      errors.inc({
        thrift_service: 'Calculator',
        thrift_method: 'add',
        thrift_exception_type: error.name,
      });
      throw error;
    } finally {
      active.dec({ thrift_service: 'Calculator', thrift_method: 'add' });
    }
  }
}

export class ByHandAsync {
  async add(a, b) {
    requests.inc({ thrift_service: 'Calculator', thrift_method: 'add' });
    active.inc({ thrift_service: 'Calculator', thrift_method: 'add' });
    const end = latency.startTimer({ thrift_service: 'Calculator', thrift_method: 'add' });
    try {
      const result = await Promise.resolve(a + b);
      end({ thrift_success: 'true' });
      return result;
    } catch (error) {
      end({ thrift_success: 'false' });
      errors.inc({
        thrift_service: 'Calculator',
        thrift_method: 'add',
        thrift_exception_type: error.name,
      });
      throw error;
    } finally {
      active.dec({ thrift_service: 'Calculator', thrift_method: 'add' });
    }
  }
}
