import type { Attributes } from '@opentelemetry/api';

import type { CallMessage, ThriftAddress } from '../recording/call-message';
import type { FaultSink } from '../recording/guards';
import { ignoreRejection, isThenable } from '../recording/promise';
import { isObject, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import type { TracingOptions } from './tracing-options';

const ATTRIBUTES = 'tracing attributes';

/** The options that are a boolean, or a function that returns one. */
const DECISIONS = {
  sensitive: {
    site: 'tracing sensitive',
    otherwise: true,
    meaning: 'messages and stack traces of the call are left out of its span',
  },
  acceptFrom: {
    site: 'tracing acceptFrom',
    otherwise: false,
    meaning: 'the context of the peer is not used',
  },
} as const;

/** The functions in the options of `enableTracing`, made safe: they never throw, and return values of the right type. */
export class SpanFunctions {
  constructor(
    private readonly options: TracingOptions,
    private readonly faults: FaultSink,
  ) {}

  attributes(message: CallMessage): Attributes {
    const { attributes } = this.options;
    if (attributes === undefined) return {};
    try {
      const value: unknown = attributes(message) ?? {};
      if (isObject(value) && !Array.isArray(value) && !isThenable(value))
        return value as Attributes;
      ignoreRejection(value);
      this.faults.report(ATTRIBUTES, wrongAttributes(value));
    } catch (error) {
      this.faults.report(ATTRIBUTES, error);
    }
    return {};
  }

  /** If the function fails, the call counts as sensitive. */
  isSensitive(message: CallMessage): boolean {
    const { sensitive = false } = this.options;
    return typeof sensitive === 'boolean' ? sensitive : this.ask('sensitive', sensitive, message);
  }

  /** Whether the context of a peer is used. If the function fails, it is not. */
  accepts(peer: ThriftAddress | undefined): boolean {
    const { acceptFrom = true } = this.options;
    return typeof acceptFrom === 'boolean' ? acceptFrom : this.ask('acceptFrom', acceptFrom, peer);
  }

  private ask<A>(
    option: keyof typeof DECISIONS,
    decide: (argument: A) => unknown,
    argument: A,
  ): boolean {
    try {
      const value = decide(argument);
      if (typeof value === 'boolean') return value;
      ignoreRejection(value);
      this.faults.report(DECISIONS[option].site, wrongDecision(option, value));
    } catch (error) {
      this.faults.report(DECISIONS[option].site, error);
    }
    return DECISIONS[option].otherwise;
  }
}

function wrongAttributes(value: unknown): Error {
  return new ThriftMetricsError(
    'TM_ERR_SPAN_ATTRIBUTES',
    `enableTracing: the function 'attributes' returned ${found(value)}. Return an object of attributes, or nothing: the span of a call ends at once, so the function cannot wait.`,
  );
}

function wrongDecision(option: keyof typeof DECISIONS, value: unknown): Error {
  return new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `enableTracing: the function '${option}' returned ${found(value)}, so ${DECISIONS[option].meaning}. Return true or false: the call goes on at once, so the function cannot wait.`,
  );
}

function found(value: unknown): string {
  return isThenable(value) ? 'a promise' : show(value);
}
