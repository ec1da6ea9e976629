import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  type MetricReader,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

import { ThriftMetricProducer, type ThriftMetricProducerOptions } from '../../src/opentelemetry';

/** The real SDK with a producer. It exports on request, not after an interval. */
export interface Collecting {
  readonly provider: MeterProvider;
  readonly producer: ThriftMetricProducer;
  readonly exporter: InMemoryMetricExporter;
  /** Exports once, and returns all metrics by name. A name with several metrics has several entries. */
  collect(): Promise<Collected>;
  stop(): Promise<void>;
}

export class Collected {
  readonly metrics: readonly MetricData[];

  constructor(readonly resourceMetrics: ResourceMetrics) {
    this.metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  /** The only metric of a name. */
  metric(name: string): MetricData {
    const found = this.metrics.filter(({ descriptor }) => descriptor.name === name);
    if (found.length !== 1) throw new Error(`${found.length} metrics are called ${name}`);
    return found[0] as MetricData;
  }

  has(name: string): boolean {
    return this.metrics.some(({ descriptor }) => descriptor.name === name);
  }

  /** The only point of a metric with these attributes. */
  point<T = number>(name: string, attributes: Readonly<Record<string, string>> = {}): DataPoint<T> {
    const found = this.points<T>(name).filter((point) =>
      Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
    );
    if (found.length !== 1) throw new Error(`${found.length} points of ${name} match`);
    return found[0] as DataPoint<T>;
  }

  points<T = number>(name: string): DataPoint<T>[] {
    return this.metric(name).dataPoints as DataPoint<unknown>[] as DataPoint<T>[];
  }
}

/** Milliseconds that no test reaches. */
const NEVER = 2 ** 31 - 1;

export function startCollecting(
  options: ThriftMetricProducerOptions = {},
  temporality: AggregationTemporality = AggregationTemporality.CUMULATIVE,
): Collecting {
  const exporter = new InMemoryMetricExporter(temporality);
  const producer = new ThriftMetricProducer(options);
  const reader: MetricReader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: NEVER,
    exportTimeoutMillis: NEVER,
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    provider,
    producer,
    exporter,
    collect: async () => {
      exporter.reset();
      await reader.forceFlush();
      const [exported] = exporter.getMetrics();
      if (exported === undefined) throw new Error('nothing was exported');
      return new Collected(exported);
    },
    stop: () => provider.shutdown(),
  };
}

/** Milliseconds since 1970. */
export function millisecondsOf([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
