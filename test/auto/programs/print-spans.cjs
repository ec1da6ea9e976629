// A preload that registers OpenTelemetry's SDK, and prints every span as a line of JSON when it ends.
const { NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');

const exporter = {
  export(spans, done) {
    for (const { name, kind, status, attributes, parentSpanContext, spanContext } of spans) {
      const { traceId, spanId } = spanContext.call(spans[0]);
      const parent = parentSpanContext?.spanId ?? null;
      console.log(
        `span ${JSON.stringify({ name, kind, code: status.code, traceId, spanId, parent, error: attributes['error.type'] ?? null })}`,
      );
    }
    done({ code: 0 });
  },
  shutdown: async () => {},
};
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
