// Tracing with an OpenTelemetry SDK of a major version, as a service sets it up.
import { loadSdk } from '../scripts/opentelemetry-sdks.mjs';

/**
 * Registers a context manager and a propagator of the SDK, and returns its API and a tracer provider whose spans are all
 * recorded and dropped when they end.
 */
export function startSdk(major) {
  const api = loadSdk(major, '@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = loadSdk(major, '@opentelemetry/context-async-hooks');
  const { W3CTraceContextPropagator } = loadSdk(major, '@opentelemetry/core');
  const { TracerProvider } = loadSdk(major, '@opentelemetry/sdk-trace');
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const spans = { ended: 0, last: undefined };
  const processor = {
    onStart() {},
    onEnd(span) {
      spans.ended++;
      spans.last = span;
    },
    async forceFlush() {},
    async shutdown() {},
  };
  const provider = new TracerProvider({ spanProcessors: [processor] });
  return { api, provider, spans };
}
