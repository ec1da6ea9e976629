import type { Attributes } from '@opentelemetry/api';

import type { CallMessage } from '../recording/call-message';
import type { FaultSink } from '../recording/guards';
import { ignoreRejection, isThenable } from '../recording/promise';
import { isObject, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import type { TracingOptions } from './tracing-options';

const ATTRIBUTES = 'tracing attributes';
const SENSITIVE = 'tracing sensitive';

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
    if (typeof sensitive === 'boolean') return sensitive;
    try {
      // It may return something else by mistake, such as a promise, which counts as sensitive.
      const value: unknown = sensitive(message);
      ignoreRejection(value);
      return value !== false;
    } catch (error) {
      this.faults.report(SENSITIVE, error);
      return true;
    }
  }
}

function wrongAttributes(value: unknown): Error {
  const found = isThenable(value) ? 'a promise' : show(value);
  return new ThriftMetricsError(
    'TM_ERR_SPAN_ATTRIBUTES',
    `enableTracing: the function 'attributes' returned ${found}. Return an object of attributes, or nothing: the span of a call ends at once, so the function cannot wait.`,
  );
}
