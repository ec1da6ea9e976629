import type { Attributes, Tracer } from '@opentelemetry/api';

import type { ThriftAddress, ThriftCallMessage } from '../recording/call-message';
import { isBoolean, isFunction, isObject, mustBe, type OptionTable } from '../validation/checks';

/** The part of OpenTelemetry's `TracerProvider` that {@link enableTracing} uses. */
export interface TracerProviderLike {
  getTracer(name: string, version?: string): Tracer;
}

/** Attributes of a span. */
export type SpanAttributes = Attributes;

/** Options of {@link enableTracing}. */
export interface TracingOptions {
  /**
   * Creates the tracer.
   *
   * @default the global tracer provider, also if it is registered later
   */
  tracerProvider?: TracerProviderLike | undefined;
  /**
   * Returns attributes to add to the span of a call, from its arguments and its result or error. They belong to the span
   * alone, so they may have any number of values. Asked once, when the call has settled, and only if the span is recorded.
   *
   * @default none
   */
  attributes?: ((call: ThriftCallMessage) => SpanAttributes | null | undefined) | undefined;
  /**
   * Leaves messages and stack traces of errors out of the spans, of all calls or of those for which it returns `true`.
   * What remains is the type of the error.
   *
   * @default false
   */
  sensitive?: boolean | ((call: ThriftCallMessage) => boolean) | undefined;
  /**
   * How the requests of clients carry the context of their calls: in field 8888 of the arguments, which servers that do not
   * know it skip; in the headers of `THeaderProtocol`; or not at all. The context is what the global propagator writes.
   * Servers read both, and field 3333.
   *
   * @default 'field'
   */
  propagation?: 'field' | 'theader' | false | undefined;
  /**
   * Whether a handler continues the trace of the caller, for all peers or for those for which it returns `true`. The address
   * is known if the server is instrumented.
   *
   * @default true
   */
  acceptFrom?: boolean | ((peer: ThriftAddress | undefined) => boolean) | undefined;
}

export const TRACING_OPTIONS: OptionTable<TracingOptions> = {
  tracerProvider: mustBe(
    (value: unknown) =>
      isObject(value) && typeof (value as TracerProviderLike).getTracer === 'function',
    'a tracer provider of OpenTelemetry',
  ),
  attributes: mustBe(isFunction, 'a function that returns attributes'),
  sensitive: mustBe(
    (value: unknown) => isBoolean(value) || isFunction(value),
    'true, false, or a function of the call',
  ),
  propagation: mustBe(
    (value: unknown) => value === 'field' || value === 'theader' || value === false,
    "'field', 'theader' or false",
  ),
  acceptFrom: mustBe(
    (value: unknown) => isBoolean(value) || isFunction(value),
    'true, false, or a function of the address',
  ),
};
