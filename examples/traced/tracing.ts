import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { enableTracing } from 'thrift-metrics/opentelemetry';

/** Exports the spans of this process to the address in `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export function startTracing(service: string): NodeTracerProvider {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  // From here on, calls of handlers and of clients have spans, and latencies have exemplars.
  enableTracing();
  return provider;
}
