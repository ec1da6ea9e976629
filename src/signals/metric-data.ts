// The data model of `@opentelemetry/sdk-metrics`, as far as this package produces it. The types are structural, so that
// SDK 2 and 3 both accept them and neither has to be installed. `test/signals/metric-producer-types.test.ts` assigns them to
// the types of the SDK.

/** Seconds and nanoseconds since 1970. */
export type HrTime = [seconds: number, nanoseconds: number];

export type Attributes = Readonly<Record<string, string>>;

/** `AggregationTemporality.DELTA` */
export const DELTA = 0;
/** `AggregationTemporality.CUMULATIVE` */
export const CUMULATIVE = 1;

export type Temporality = typeof DELTA | typeof CUMULATIVE;

/** The numbers of `DataPointType`. */
export const POINT_TYPE = { histogram: 0, exponentialHistogram: 1, gauge: 2, sum: 3 } as const;

/** `ValueType.DOUBLE`, the default of the SDK's instruments. It holds whole numbers up to 2^53 exactly. */
export const DOUBLE = 1;

/** A recorded call that belongs to a data point. The exporters of SDK 2 and 3 do not send exemplars. */
export interface ExemplarData {
  /** The labels of the exemplar without the ids of trace and span. */
  readonly filteredAttributes: Attributes;
  readonly value: number;
  readonly timestamp: HrTime;
  readonly spanId?: string;
  readonly traceId?: string;
}

export interface DataPoint<T> {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Attributes;
  readonly value: T;
  /** Absent if there are none. */
  readonly exemplars?: readonly ExemplarData[];
}

export interface HistogramValue {
  buckets: { boundaries: number[]; counts: number[] };
  sum: number;
  count: number;
}

export interface ExponentialHistogramValue {
  count: number;
  sum: number;
  scale: number;
  zeroCount: number;
  positive: { offset: number; bucketCounts: number[] };
  negative: { offset: number; bucketCounts: number[] };
}

interface MetricDescriptor {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly valueType: typeof DOUBLE;
}

interface BaseMetricData {
  readonly descriptor: MetricDescriptor;
  readonly aggregationTemporality: Temporality;
}

export interface SumData extends BaseMetricData {
  readonly dataPointType: typeof POINT_TYPE.sum;
  readonly dataPoints: DataPoint<number>[];
  readonly isMonotonic: boolean;
}

export interface GaugeData extends BaseMetricData {
  readonly dataPointType: typeof POINT_TYPE.gauge;
  readonly dataPoints: DataPoint<number>[];
}

export interface HistogramData extends BaseMetricData {
  readonly dataPointType: typeof POINT_TYPE.histogram;
  readonly dataPoints: DataPoint<HistogramValue>[];
}

export interface ExponentialHistogramData extends BaseMetricData {
  readonly dataPointType: typeof POINT_TYPE.exponentialHistogram;
  readonly dataPoints: DataPoint<ExponentialHistogramValue>[];
}

export type MetricData = SumData | GaugeData | HistogramData | ExponentialHistogramData;

/** A `Resource` of `@opentelemetry/resources`. */
export interface ResourceLike {
  /* oxlint-disable typescript/no-explicit-any -- accepts the attribute values of every version of the API */
  readonly attributes: Record<string, any>;
  merge(other: any): ResourceLike;
  getRawAttributes(): [string, any][];
  /* oxlint-enable typescript/no-explicit-any */
}

/** What {@link ThriftMetricProducer.collect} resolves: the `CollectionResult` of `@opentelemetry/sdk-metrics`. */
export interface CollectedMetrics {
  resourceMetrics: {
    resource: ResourceLike;
    scopeMetrics: { scope: { name: string; version: string }; metrics: MetricData[] }[];
  };
  errors: unknown[];
}

/** Creates a resource without attributes. The resource of the reader's `MeterProvider` takes its place. */
export function emptyResource(): ResourceLike {
  return {
    attributes: {},
    merge: (other: ResourceLike | null) => other ?? emptyResource(),
    getRawAttributes: () => [],
  };
}

/** Converts seconds since 1970, with milliseconds. */
export function toHrTime(seconds: number): HrTime {
  const milliseconds = Math.round(seconds * 1000);
  const whole = Math.floor(milliseconds / 1000);
  return [whole, (milliseconds - whole * 1000) * 1e6];
}
