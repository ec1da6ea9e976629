import { exceptionType, isThriftException } from '../../recording/exception';
import { type FaultSink, RESULT, UNKNOWN } from '../../recording/guards';

/** The values of `thrift_exception_kind` of a client's errors. */
type ClientFailureKind = 'declared' | 'application' | 'transport' | 'timeout' | typeof RESULT;

/** The labels of a failed call. */
export interface ClientFailure {
  readonly kind: ClientFailureKind;
  readonly type: string;
}

/** Thrift's exception for messages that the server or the client cannot process. */
const APPLICATION_EXCEPTION = 'TApplicationException';

export const CONNECTION_CLOSED: ClientFailure = { kind: 'transport', type: 'ConnectionClosed' };
export const TIMED_OUT: ClientFailure = { kind: 'timeout', type: 'ETIMEDOUT' };

/** The failures whose series start at 0 for every method. */
export const KNOWN_FAILURES: readonly ClientFailure[] = [
  { kind: 'application', type: APPLICATION_EXCEPTION },
  CONNECTION_CLOSED,
  TIMED_OUT,
];

/** The failure in an error that the client passes to the caller of a method. */
export function failureOfReply(error: unknown, faults: FaultSink): ClientFailure {
  // Generated code passes '… failed: unknown result' if the reply contains neither a result nor an exception.
  if (typeof error === 'string') return { kind: 'application', type: APPLICATION_EXCEPTION };
  return describe('application', faults, () => ({
    kind: isThriftException(error) ? 'declared' : 'application',
    type: exceptionType(error),
  }));
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
  return describe('transport', faults, () => {
    const { code } = Object(error) as { code?: unknown };
    if (code === TIMED_OUT.type) return TIMED_OUT;
    const isSystemCode = typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code);
    return { kind: 'transport', type: isSystemCode ? code : exceptionType(error) };
  });
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
