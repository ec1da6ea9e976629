import { isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api';

/**
 * Returns the trace id and span id of the active span if it is sampled. Pass it to `configureMetrics` as `exemplar`. Import
 * it from `thrift-metrics/opentelemetry`, which needs `@opentelemetry/api`.
 *
 * @example
 * ```ts
 * configureMetrics({ exemplar: openTelemetryExemplar });
 * ```
 */
export function openTelemetryExemplar(): { trace_id: string; span_id: string } | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return undefined;
  // A trace that is not sampled is not stored, so an exemplar would lead nowhere.
  if ((context.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: context.traceId, span_id: context.spanId };
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
