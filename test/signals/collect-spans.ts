import { context, propagation, type SpanKind, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export interface CollectedSpans {
  /** Forgets the spans that have ended. */
  reset(): void;
  /** The ended spans, in the order of their ends. */
  all(): ReadableSpan[];
  /** The ended span with a name, of a kind if one is given. */
  named(name: string, kind?: SpanKind): ReadableSpan;
}

/** Registers the real SDK of OpenTelemetry, with an exporter that keeps the spans of each test. */
export function collectSpans(): CollectedSpans {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  beforeAll(() => provider.register());
  beforeEach(() => exporter.reset());
  afterAll(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const all = (): ReadableSpan[] => exporter.getFinishedSpans();
  return {
    reset: () => exporter.reset(),
    all,
    named(name, kind) {
      const found = all().filter(
        (span) => span.name === name && (kind === undefined || span.kind === kind),
      );
      if (found.length !== 1) throw new Error(`there are ${found.length} spans '${name}'`);
      return found[0] as ReadableSpan;
    },
  };
}

/** The events of a span, without their times. */
export function eventsOf({ events }: ReadableSpan): [string, object | undefined][] {
  return events.map(({ name, attributes }) => [name, attributes]);
}
