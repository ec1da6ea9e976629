import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { Context, Span, Tracer } from '@opentelemetry/api';

import { milliseconds } from '../metrics/clock';
import { CALL_CHANNELS, type CallContexts, type Propagation } from '../recording/call-channel';
import type { CallMessage, ThriftAddress } from '../recording/call-message';
import { setExemplarFunction } from '../runtime/exemplars';
import { definePart, type Runtime } from '../runtime/runtime';
import { packageVersion } from '../runtime/versions';
import type { OpenTelemetry } from './opentelemetry-api';
import { ContextPropagation } from './propagation';
import { activeSpanExemplar } from './span-exemplar';
import { endAttributes, startAttributes } from './span-attributes';
import { recordFailure } from './span-failure';
import { SpanFunctions } from './span-functions';
import type { TracingOptions } from './tracing-options';

const SITE = 'tracing';

/** The span of a call that has not settled yet. */
class CallTrace {
  hasEnded = false;

  constructor(
    readonly owner: Spans,
    readonly span: Span,
    /** The context of the caller. */
    readonly parent: Context,
    /** The same context with the span. */
    readonly context: Context,
  ) {}
}

/** Creates spans from the messages of the tracing channels, and runs calls in their contexts. */
class Spans implements CallContexts {
  private readonly tracer: Tracer;
  readonly propagation: Propagation;
  private readonly functions: SpanFunctions;
  private readonly contexts: ContextPropagation;
  /** How many spans have not ended. */
  private open = 0;
  private isRetired = false;
  private readonly channels: readonly TracingChannel<object, object>[] = Object.values(
    CALL_CHANNELS,
  ).map((name) => tracingChannel<object, object>(name));

  // The messages are those of the runtime, so they are of the class `CallMessage`.
  private readonly subscribers = {
    start: (message: object) => this.guard(() => this.begin(message as CallMessage)),
    end: (message: object) => this.guard(() => this.end(message as CallMessage)),
    asyncStart: (message: object) => this.guard(() => this.end(message as CallMessage)),
    asyncEnd: (message: object) => this.guard(() => this.end(message as CallMessage)),
    error: () => {},
  };

  constructor(
    private readonly runtime: Runtime,
    private readonly api: OpenTelemetry,
    options: TracingOptions,
  ) {
    const provider = options.tracerProvider ?? api.trace;
    this.tracer = provider.getTracer('thrift-metrics', packageVersion());
    this.functions = new SpanFunctions(options, runtime.faults);
    this.contexts = new ContextPropagation(runtime, api);
    this.propagation = options.propagation ?? 'field';
  }

  subscribe(): void {
    for (const channel of this.channels) channel.subscribe(this.subscribers);
  }

  /** Creates no more spans. The spans of calls in progress still end. */
  retire(): void {
    this.isRetired = true;
    this.unsubscribeIfDone();
  }

  private unsubscribeIfDone(): void {
    if (!this.isRetired || this.open > 0) return;
    for (const channel of this.channels) channel.unsubscribe(this.subscribers);
  }

  run(message: CallMessage, body: () => void): void {
    const trace = traceOf(message);
    if (trace === null) body();
    else this.api.context.with(trace.context, body);
  }

  /** The callback of a client belongs to its caller. That of a handler writes the reply. */
  runCallback(message: CallMessage, body: () => void): void {
    const trace = traceOf(message);
    if (trace === null || message.kind === 'server') body();
    else this.api.context.with(trace.parent, body);
  }

  carried(message: CallMessage): readonly (readonly [string, string])[] {
    try {
      const trace = traceOf(message);
      return trace === null ? [] : this.contexts.entriesOf(trace.context);
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
      return [];
    }
  }

  accepts(peer: ThriftAddress | undefined): boolean {
    return this.functions.accepts(peer);
  }

  traceId(message: CallMessage): string | null {
    try {
      return traceOf(message)?.span.spanContext().traceId ?? null;
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
      return null;
    }
  }

  private begin(message: CallMessage): void {
    if (this.isRetired) return;
    const { api } = this;
    const isServer = message.kind === 'server';
    const parent = isServer ? this.contexts.contextOf(message) : api.context.active();
    const kind = isServer ? api.SpanKind.SERVER : api.SpanKind.CLIENT;
    const attributes = startAttributes(message);
    const name = `${message.service}/${message.method}`;
    const span = this.tracer.startSpan(name, { kind, attributes }, parent);
    message.keepTrace(new CallTrace(this, span, parent, api.trace.setSpan(parent, span)));
    this.open++;
  }

  private end(message: CallMessage): void {
    const trace = traceOf(message);
    if (trace?.owner !== this || trace.hasEnded || message.outcome === undefined) return;
    trace.hasEnded = true;
    this.open--;
    this.unsubscribeIfDone();
    const { span } = trace;
    // Reading a stack trace and the functions of the program can take longer than the call.
    const time = milliseconds();
    try {
      if (span.isRecording()) {
        span.setAttributes(endAttributes(message));
        recordFailure(this.api, span, message, this.functions.isSensitive(message), time);
        span.setAttributes(this.functions.attributes(message));
      }
    } finally {
      span.end(time);
    }
  }

  private guard(body: () => void): void {
    try {
      body();
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
    }
  }
}

function traceOf(message: CallMessage): CallTrace | null {
  return message.keptTrace() as CallTrace | null;
}

/** Switches spans on and off. */
class Tracing {
  private spans: Spans | null = null;
  /** The exemplar function that tracing has set, as long as no other one is configured. */
  private exemplar: (() => unknown) | null = null;

  constructor(private readonly runtime: Runtime) {}

  enable(api: OpenTelemetry, options: TracingOptions): void {
    const spans = new Spans(this.runtime, api, options);
    this.spans?.retire();
    this.spans = spans;
    spans.subscribe();
    this.setContexts(spans);
    this.addExemplars(api);
  }

  disable(): void {
    if (this.spans === null) return;
    this.spans.retire();
    this.spans = null;
    this.setContexts(null);
    this.removeExemplars();
  }

  private setContexts(contexts: CallContexts | null): void {
    this.runtime.gate.calls.contexts = contexts;
    this.runtime.clientCalls.contexts = contexts;
  }

  private addExemplars(api: OpenTelemetry): void {
    const { exemplars, families, faults } = this.runtime;
    if (exemplars.labels !== null) return;
    setExemplarFunction(exemplars, () => activeSpanExemplar(api), faults);
    this.exemplar = exemplars.labels;
    families.applyExemplars();
  }

  private removeExemplars(): void {
    const { exemplars, families } = this.runtime;
    if (this.exemplar === null || exemplars.labels !== this.exemplar) return;
    exemplars.labels = null;
    this.exemplar = null;
    families.applyExemplars();
  }
}

export const tracingOf = definePart('signals.tracing', (runtime) => new Tracing(runtime));
