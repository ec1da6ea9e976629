import type { ProtocolErrorReason } from '../protocol-errors';

/** `Thrift.TProtocolExceptionType.BAD_VERSION`. */
const BAD_VERSION = 4;

/**
 * Why a message could not be read, by what was thrown. Null where nothing is wrong: without frames the rest of the
 * message may be on its way.
 */
export function inputProblem(error: unknown, isFramed: boolean): ProtocolErrorReason | null {
  const { name, type, message } = (error ?? {}) as Record<string, unknown>;
  if (name === 'InputBufferUnderrunError') return isFramed ? 'cut_off_struct' : null;
  if (name === 'TProtocolException' && type === BAD_VERSION) return 'bad_version';
  // So says the JSON protocol.
  if (typeof message === 'string' && message.startsWith('Wrong thrift protocol version')) {
    return 'bad_version';
  }
  return 'garbage';
}
