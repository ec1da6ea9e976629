// `thrift-metrics/opentelemetry`: spans and exemplars for OpenTelemetry. Needs `@opentelemetry/api`.
import { loadOpenTelemetry } from './signals/opentelemetry-api';
import { activeSpanExemplar } from './signals/span-exemplar';

export { enableTracing } from './signals/enable-tracing';
export type { SpanAttributes, TracerProviderLike, TracingOptions } from './signals/tracing-options';
export type { ThriftAddress, ThriftCallMessage, ThriftCallOutcome } from './recording/call-message';

// Here, so that a missing package is reported at import and not at each call.
// Module state: all copies of this package have the API that their program has.
const api = loadOpenTelemetry('thrift-metrics/opentelemetry');

/**
 * Returns the trace id and span id of the active span if it is sampled. Pass it to `configureMetrics` as `exemplar`. Import
 * it from `thrift-metrics/opentelemetry`, which needs `@opentelemetry/api`. {@link enableTracing} uses it unless another
 * function is configured.
 *
 * @example
 * ```ts
 * configureMetrics({ exemplar: openTelemetryExemplar });
 * ```
 */
export function openTelemetryExemplar(): { trace_id: string; span_id: string } | undefined {
  return activeSpanExemplar(api);
}

export {
  ThriftMetricProducer,
  type TemporalitySource,
  type ThriftMetricProducerOptions,
} from './signals/metric-producer';
export type {
  CollectedMetrics,
  DataPoint,
  ExemplarData,
  ExponentialHistogramData,
  GaugeData,
  HistogramData,
  HrTime,
  MetricData,
  ResourceLike,
  SumData,
} from './signals/metric-data';
