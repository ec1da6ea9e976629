// The four metrics as one writes them by hand with prom-client, error paths included.
import client from 'prom-client';

const labelNames = ['thrift_service', 'thrift_method'];
const registers = [new client.Registry()];
const requests = new client.Counter({ name: 'requests_total', help: 'x', labelNames, registers });
const active = new client.Gauge({ name: 'active', help: 'x', labelNames, registers });
const errors = new client.Counter({
  name: 'errors_total',
  help: 'x',
  labelNames: [...labelNames, 'thrift_exception_type'],
  registers,
});
const latency = new client.Histogram({
  name: 'latency_seconds',
  help: 'x',
  labelNames: [...labelNames, 'thrift_success'],
  registers,
});
const labels = { thrift_service: 'Calculator', thrift_method: 'add' };

export class ByHandSync {
  add(a, b) {
    requests.inc(labels);
    active.inc(labels);
    const end = latency.startTimer(labels);
    try {
      const result = a + b;
      end({ thrift_success: 'true' });
      return result;
    } catch (error) {
      end({ thrift_success: 'false' });
      errors.inc({ ...labels, thrift_exception_type: error.name });
      throw error;
    } finally {
      active.dec(labels);
    }
  }
}

export class ByHandAsync {
  async add(a, b) {
    requests.inc(labels);
    active.inc(labels);
    const end = latency.startTimer(labels);
    try {
      const result = await Promise.resolve(a + b);
      end({ thrift_success: 'true' });
      return result;
    } catch (error) {
      end({ thrift_success: 'false' });
      errors.inc({ ...labels, thrift_exception_type: error.name });
      throw error;
    } finally {
      active.dec(labels);
    }
  }
}
