import { type ReadableSpan, type Span, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** How many spans a program has created. */
export interface SpanReport {
  readonly started: number;
  readonly ended: number;
  /** Spans that continue the trace of another process. */
  readonly continued: number;
}

/** Counts spans and drops them. */
export class SpanCounts implements SpanProcessor, SpanReport {
  started = 0;
  ended = 0;
  continued = 0;

  onStart(span: Span): void {
    this.started++;
    if (span.parentSpanContext?.isRemote === true) this.continued++;
  }

  onEnd(_span: ReadableSpan): void {
    this.ended++;
  }

  get report(): SpanReport {
    const { started, ended, continued } = this;
    return { started, ended, continued };
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
