import { isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api';

/**
 * An exemplar function for `configureMetrics`: trace id and span id of the active span, if it is sampled. An import of
 * its own, `thrift-metrics/opentelemetry`, which needs `@opentelemetry/api`.
 *
 * @example
 * ```ts
 * configureMetrics({ exemplar: openTelemetryExemplar });
 * ```
 */
export function openTelemetryExemplar(): { trace_id: string; span_id: string } | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return undefined;
  // A trace that was not sampled is nowhere to be found.
  if ((context.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: context.traceId, span_id: context.spanId };
}
