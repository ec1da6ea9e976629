// The same metrics with the instruments of the OpenTelemetry SDK, of the major version in the first argument.
import { Instrumented } from 'thrift-metrics';
import { ThriftMetricProducer } from 'thrift-metrics/opentelemetry';

import { loadSdk } from '../../scripts/opentelemetry-sdks.mjs';
import { AsyncHandler, decorate, SyncHandler } from '../handlers.mjs';
import { compare, report } from '../measure.mjs';

const {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = loadSdk(process.argv[2]);

const NEVER = 2 ** 31 - 1;
const reader = new PeriodicExportingMetricReader({
  exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
  exportIntervalMillis: NEVER,
  exportTimeoutMillis: NEVER,
  metricProducers: [new ThriftMetricProducer({ naming: 'opentelemetry' })],
});
const meter = new MeterProvider({ readers: [reader] }).getMeter('bench');
const hrtime = process.hrtime;

const explicitBucketBoundaries = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const options = { unit: 's', advice: { explicitBucketBoundaries } };
const requests = meter.createCounter('thrift.server.requests');
const active = meter.createUpDownCounter('thrift.server.active_requests');
const duration = meter.createHistogram('rpc.server.call.duration', options);
const errors = meter.createCounter('thrift.server.errors');
const attributesOf = (method) => ({
  'rpc.system.name': 'apache_thrift',
  'rpc.method': `Bench/${method}`,
});

/** Measures as an instrumentation does, with one object of attributes for each method. */
class ByHand {
  attributes = attributesOf('add');
  failed = { ...this.attributes, 'error.type': 'Error' };

  add(a, b) {
    requests.add(1, this.attributes);
    active.add(1, this.attributes);
    const start = hrtime();
    let attributes = this.attributes;
    try {
      return a + b;
    } catch (error) {
      attributes = this.failed;
      errors.add(1, attributes);
      throw error;
    } finally {
      const end = hrtime(start);
      duration.record(end[0] + end[1] / 1e9, attributes);
      active.add(-1, this.attributes);
    }
  }
}

/** Records only the metric that the RPC conventions require. */
class DurationByHand {
  attributes = attributesOf('duration');

  add(a, b) {
    const start = hrtime();
    try {
      return a + b;
    } finally {
      const end = hrtime(start);
      duration.record(end[0] + end[1] / 1e9, this.attributes);
    }
  }
}

class AsyncByHand {
  attributes = attributesOf('async');

  async add(a, b) {
    requests.add(1, this.attributes);
    active.add(1, this.attributes);
    const start = hrtime();
    try {
      return a + b;
    } finally {
      const end = hrtime(start);
      duration.record(end[0] + end[1] / 1e9, this.attributes);
      active.add(-1, this.attributes);
    }
  }
}

const bare = new SyncHandler();
const bareAsync = new AsyncHandler();
const instrumented = decorate(
  class InstrumentedHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Instrumented],
);
const instrumentedAsync = decorate(
  class InstrumentedAsyncHandler {
    async add(a, b) {
      return a + b;
    }
  },
  [Instrumented],
);
const byHand = new ByHand();
const durationByHand = new DurationByHand();
const asyncByHand = new AsyncByHand();
let n = 0;

report(
  await compare({
    bare: () => bare.add(n++, 1),
    clock: () => {
      const start = hrtime();
      const end = hrtime();
      return end[0] - start[0] + (end[1] - start[1]);
    },
    instrumented: () => instrumented.add(n++, 1),
    byHand: () => byHand.add(n++, 1),
    duration: () => durationByHand.add(n++, 1),
    bareAsync: () => bareAsync.add(n++, 1),
    instrumentedAsync: () => instrumentedAsync.add(n++, 1),
    asyncByHand: () => asyncByHand.add(n++, 1),
  }),
);
