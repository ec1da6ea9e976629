// Prints what the SDK of the major version in the first argument exports for the same calls, without times and durations.
import { instrumentHandler, configureMetrics } from 'thrift-metrics';
import { ThriftMetricProducer } from 'thrift-metrics/opentelemetry';

import { loadSdk } from '../../../scripts/opentelemetry-sdks.mjs';

const sdk = loadSdk(process.argv[2]);
const {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} = sdk;

function start(options, temporality) {
  const exporter = new InMemoryMetricExporter(temporality);
  const producer = new ThriftMetricProducer({ ...options, temporality: exporter });
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 2 ** 31 - 1,
    exportTimeoutMillis: 2 ** 31 - 1,
    metricProducers: [producer],
  });
  return { exporter, reader, provider: new MeterProvider({ readers: [reader] }) };
}

const collecting = [
  start({}, AggregationTemporality.CUMULATIVE),
  start({ naming: 'opentelemetry' }, AggregationTemporality.DELTA),
  start({ naming: 'opentelemetry', exponential: false }, AggregationTemporality.CUMULATIVE),
];
configureMetrics({ nativeHistograms: true });
const handler = instrumentHandler(
  {
    run(fails) {
      if (fails) throw new RangeError('failed on purpose');
    },
  },
  { service: 'Collected' },
);
for (let round = 0; round < 2; round++) {
  for (let i = 0; i < 5; i++) {
    try {
      handler.run(i % 2 === 0);
    } catch {
      // The error is counted.
    }
  }
  for (const { reader } of collecting) await reader.forceFlush();
}

function countOf(value) {
  return typeof value === 'number' ? value : value.count;
}

const result = collecting.map(({ exporter }) =>
  exporter.getMetrics().map(({ scopeMetrics }) =>
    scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .map(({ descriptor, dataPointType, aggregationTemporality, isMonotonic, dataPoints }) => ({
        descriptor,
        dataPointType,
        aggregationTemporality,
        isMonotonic,
        points: dataPoints
          .filter(() => !/oldest|event_loop/.test(descriptor.name))
          .map(({ attributes, value }) => [attributes, countOf(value)]),
      })),
  ),
);
await Promise.all(collecting.map(({ provider }) => provider.shutdown()));
console.log(JSON.stringify(result));
