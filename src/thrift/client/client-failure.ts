import { exceptionType, isThriftException } from '../../recording/exception';
import { type FaultSink, RESULT, UNKNOWN } from '../../recording/guards';
import { boundLabelValue } from '../../recording/label-value';

/** The values of `thrift_exception_kind` of a client's failures. */
export const CLIENT_FAILURE_KINDS = [
  'declared',
  'application',
  'transport',
  'timeout',
  RESULT,
] as const;

type ClientFailureKind = (typeof CLIENT_FAILURE_KINDS)[number];

/** The labels of a failed call. */
export interface ClientFailure {
  readonly kind: ClientFailureKind;
  readonly type: string;
}

/** Thrift's exception for messages that the server or the client cannot process. */
const APPLICATION_EXCEPTION = 'TApplicationException';

/** The end of the string that generated code passes if a reply contains neither a result nor an exception. */
const UNKNOWN_RESULT = ' failed: unknown result';
const NO_RESULT: ClientFailure = { kind: 'application', type: APPLICATION_EXCEPTION };

export const CONNECTION_CLOSED: ClientFailure = { kind: 'transport', type: 'ConnectionClosed' };
export const TIMED_OUT: ClientFailure = { kind: 'timeout', type: 'ETIMEDOUT' };
/** The failure of a call whose HTTP response has another status than 200. Thrift's own error for it has this name. */
export const BAD_HTTP_STATUS: ClientFailure = { kind: 'transport', type: 'THTTPException' };

/** The failures whose series start at 0 for every method. */
export const KNOWN_FAILURES: readonly ClientFailure[] = [NO_RESULT, CONNECTION_CLOSED, TIMED_OUT];

/** The failure in an error that the client passes to the caller because of a reply. */
export function failureOfReply(error: unknown, faults: FaultSink): ClientFailure {
  if (typeof error === 'string') return NO_RESULT;
  return describe('application', faults, () => ({
    kind: isThriftException(error) ? 'declared' : 'application',
    type: exceptionType(error),
  }));
}

/**
 * The failure in an error that the client passes to the caller although no reply was read for the call. Some drivers pass
 * the errors of their connection to the caller in this way, as exceptions of any class.
 */
export function failureWithoutReply(error: unknown, faults: FaultSink): ClientFailure {
  return describe('transport', faults, () => {
    // Only replies cause these two, so a reply was read where this package does not see it.
    if (isThriftException(error)) return { kind: 'declared', type: exceptionType(error) };
    if (typeof error === 'string' && error.endsWith(UNKNOWN_RESULT)) return NO_RESULT;
    return connectionFailure(error);
  });
}

/** The failure in an error that was thrown before the request reached the connection. */
export function failureOfRequest(error: unknown, faults: FaultSink): ClientFailure {
  return describe('application', faults, () => ({
    kind: 'application',
    type: exceptionType(error),
  }));
}

/** The failure in an error of a connection, or of a reply that cannot be decoded. */
export function failureOfConnection(error: unknown, faults: FaultSink): ClientFailure {
  return describe('transport', faults, () => connectionFailure(error));
}

/** The parts of errors that say why a connection failed. They may be of any type. */
interface ConnectionError {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly type?: unknown;
  readonly message?: unknown;
  readonly statusCode?: unknown;
  readonly status?: unknown;
  readonly response?: { readonly status?: unknown; readonly statusCode?: unknown } | null;
}

/** Errors that wrap each other are followed this far, because they can form a cycle. */
const DEEPEST_CAUSE = 5;

/** The first error in a chain of causes that has an HTTP status, a code or a timeout decides. */
function connectionFailure(error: unknown): ClientFailure {
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE; depth++) {
    const found = Object(cause) as ConnectionError;
    if (hasHttpStatus(found)) return BAD_HTTP_STATUS;
    const next = causeOf(cause);
    if (isTimeout(found, next === undefined)) return TIMED_OUT;
    const { code } = found;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code)) {
      return { kind: 'transport', type: boundLabelValue(code) };
    }
    if (next === undefined) break;
    cause = next;
  }
  return { kind: 'transport', type: exceptionType(error) };
}

/** The error that another one wraps: in its `cause`, or in the `payload` of errors after the last retry. */
function causeOf(error: unknown): unknown {
  const { cause, payload } = Object(error) as { cause?: unknown; payload?: unknown };
  if (typeof cause === 'object' && cause !== null) return cause;
  return typeof payload === 'object' && payload !== null ? payload : undefined;
}

function hasHttpStatus({ statusCode, status, response }: ConnectionError): boolean {
  const { statusCode: responseCode, status: responseStatus } = Object(response) as ConnectionError;
  return [statusCode, status, responseCode, responseStatus].some(
    (number) => typeof number === 'number' && number >= 100 && number < 600,
  );
}

/** Whether an error means that the call took too long. Its message decides only if nothing else does. */
function isTimeout({ code, name, type, message }: ConnectionError, isInnermost: boolean): boolean {
  if (typeof code === 'string') return /^E(?:SOCKET)?TIMEDOUT$|_TIMEOUT$/.test(code);
  if (name === 'TimeoutError' || type === 'request-timeout' || type === 'body-timeout') return true;
  return isInnermost && typeof message === 'string' && /\btime(?:d[ -]?)?out\b/i.test(message);
}

/** Reading an error can throw, because it may be a proxy or have getters. */
function describe(
  kind: ClientFailureKind,
  faults: FaultSink,
  read: () => ClientFailure,
): ClientFailure {
  try {
    return read();
  } catch (fault) {
    faults.report('client error', fault);
    return { kind, type: UNKNOWN };
  }
}
