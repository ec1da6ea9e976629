import { exceptionType, isThriftException } from '../../recording/exception';
import { UNKNOWN } from '../../recording/call-labels';
import { faults } from '../../runtime/faults';

/** The values of `thrift_exception_kind` of a client's errors. */
type ClientFailureKind = 'declared' | 'application' | 'transport' | 'timeout';

/** How a call failed, as the labels of its error tell it. */
export interface ClientFailure {
  readonly kind: ClientFailureKind;
  readonly type: string;
}

/** The name of Thrift's own exception for what a server, or the client itself, could make nothing of. */
const APPLICATION_EXCEPTION = 'TApplicationException';

export const CONNECTION_CLOSED: ClientFailure = { kind: 'transport', type: 'ConnectionClosed' };
export const TIMED_OUT: ClientFailure = { kind: 'timeout', type: 'ETIMEDOUT' };

/** Those that every method has at 0. */
export const KNOWN_FAILURES: readonly ClientFailure[] = [
  { kind: 'application', type: APPLICATION_EXCEPTION },
  CONNECTION_CLOSED,
  TIMED_OUT,
];

/** For what the client hands its caller as the error of a call. */
export function failureOfReply(error: unknown): ClientFailure {
  // Generated code says '… failed: unknown result' where the reply holds neither a result nor an exception.
  if (typeof error === 'string') return { kind: 'application', type: APPLICATION_EXCEPTION };
  return describe('application', () => ({
    kind: isThriftException(error) ? 'declared' : 'application',
    type: exceptionType(error),
  }));
}

/** For what was thrown before the request had reached the connection. */
export function failureOfRequest(error: unknown): ClientFailure {
  return describe('application', () => ({
    kind: 'application',
    type: exceptionType(error),
  }));
}

/** For what a connection reports, or a reply that cannot be decoded throws. */
export function failureOfConnection(error: unknown): ClientFailure {
  return describe('transport', () => {
    const { code } = Object(error) as { code?: unknown };
    if (code === TIMED_OUT.type) return TIMED_OUT;
    const isSystemCode = typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code);
    return { kind: 'transport', type: isSystemCode ? code : exceptionType(error) };
  });
}

/** Reading an error can fail: it may be a proxy, or have getters that throw. */
function describe(kind: ClientFailureKind, read: () => ClientFailure): ClientFailure {
  try {
    return read();
  } catch (fault) {
    faults.report('client error', fault);
    return { kind, type: UNKNOWN };
  }
}
