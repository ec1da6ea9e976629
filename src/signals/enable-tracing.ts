import { currentRuntime } from '../runtime/runtime';
import { checkOptionTable } from '../validation/checks';
import { loadOpenTelemetry } from './opentelemetry-api';
import { tracingOf } from './spans';
import { TRACING_OPTIONS, type TracingOptions } from './tracing-options';

const WHERE = 'enableTracing';

/**
 * Creates an OpenTelemetry span for every instrumented call: kind SERVER for calls of handlers, CLIENT for calls of clients,
 * by the conventions for RPC. The handler runs in the context of its span, in callback and in promise style, so that the
 * spans of databases and other clients nest under it. Latencies and errors get exemplars that lead to these spans, unless
 * `configureMetrics` sets another `exemplar`.
 *
 * Tracing is off by default. Enabling it again changes the options, and does not create more spans.
 *
 * @returns a function that disables tracing. The spans of calls in progress still end.
 * @throws `ThriftMetricsError` `TM_ERR_OPTION_INVALID` or `TM_ERR_OPTION_UNKNOWN` if an option is wrong,
 * `TM_ERR_OPENTELEMETRY` if `@opentelemetry/api` cannot be loaded.
 *
 * @example
 * ```ts
 * new NodeSDK({ traceExporter: new OTLPTraceExporter() }).start();
 * enableTracing({ attributes: (call) => ({ 'app.user': call.args[0].userId }) });
 * ```
 */
export function enableTracing(options: TracingOptions = {}): () => void {
  checkOptionTable(WHERE, options, TRACING_OPTIONS);
  const api = loadOpenTelemetry(WHERE);
  const tracing = tracingOf(currentRuntime());
  tracing.enable(api, options);
  return () => tracing.disable();
}
