import type { OpenTelemetry } from './opentelemetry-api';

/** The labels of an exemplar that leads to the active span. */
export interface SpanExemplar extends Record<string, string> {
  trace_id: string;
  span_id: string;
}

/** Returns the ids of the active span, if it is sampled. */
export function activeSpanExemplar(api: OpenTelemetry): SpanExemplar | undefined {
  const context = api.trace.getActiveSpan()?.spanContext();
  if (context === undefined || !api.isSpanContextValid(context)) return undefined;
  // A trace that is not sampled is not stored, so an exemplar would lead nowhere.
  if ((context.traceFlags & api.TraceFlags.SAMPLED) === 0) return undefined;
  return { trace_id: context.traceId, span_id: context.spanId };
}
