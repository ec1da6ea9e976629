import type { Span } from '@opentelemetry/api';

import type { CallMessage } from '../recording/call-message';
import type { OpenTelemetry } from './opentelemetry-api';

/** Longest text of an error in a span. A message can be anything, even a whole request. */
const MAX_TEXT = 4096;

/**
 * Records the failure of a call in its span. A declared exception is part of the service's interface: the span gets an event
 * for it, and no error.
 *
 * @param time when the call settled, on the clock of `performance.now()`
 */
export function recordFailure(
  api: OpenTelemetry,
  span: Span,
  message: CallMessage,
  isSensitive: boolean,
  time: number,
): void {
  const { outcome, errorType = '_OTHER', error } = message;
  if (outcome === 'success' || outcome === undefined) return;
  const text = isSensitive ? undefined : textOf(error, 'message');
  if (outcome !== 'result') {
    const stack = isSensitive ? undefined : textOf(error, 'stack');
    const exception = {
      name: errorType,
      ...(text !== undefined && { message: text }),
      ...(stack !== undefined && { stack }),
    };
    span.recordException(exception, time);
  }
  if (outcome === 'declared') return;
  span.setAttribute('error.type', errorType);
  const code = api.SpanStatusCode.ERROR;
  span.setStatus(text === undefined ? { code } : { code, message: text });
}

/** A text of an error, which may be anything: a proxy, a primitive, a class whose `message` is a struct. */
function textOf(error: unknown, key: 'message' | 'stack'): string | undefined {
  try {
    if (typeof error === 'string') return key === 'message' ? error.slice(0, MAX_TEXT) : undefined;
    const value: unknown = (error as Partial<Error> | null | undefined)?.[key];
    return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
  } catch {
    return undefined;
  }
}
