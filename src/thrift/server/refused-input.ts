import { countProtocolError, type ProtocolErrorReason } from '../protocol-errors';

/** `Thrift.TProtocolExceptionType.BAD_VERSION`. */
const BAD_VERSION = 4;

/** What Thrift's transports and its multiplexer say: they stand between a connection and the processor. */
const BEFORE_THE_PROCESSOR: readonly [start: string, reason: ProtocolErrorReason][] = [
  ['Frame size ', 'oversize_frame'],
  ['Received message larger than the maximum allowed ', 'oversize_frame'],
  ['TMultiplexedProcessor: Unknown service', 'unknown_service'],
  ['TMultiplexedProcessor: Unexpected message type', 'wrong_message_type'],
];

/** What its protocols say in errors without a class of their own. */
const BY_THE_PROTOCOL: readonly [start: string, reason: ProtocolErrorReason][] = [
  ['Wrong thrift protocol version: ', 'bad_version'],
  ['Malformed JSON input, ', 'garbage'],
  ['Invalid type: ', 'garbage'],
];

/**
 * Counts an error of a server that says Thrift has refused input. An instrumented processor has counted what it refused,
 * and is where errors of handlers come from that look the same: once it is reached, only what is said before it counts.
 */
export function countRefusal(error: unknown, hasReachedProcessor: boolean): void {
  const reason = transportReason(error) ?? (hasReachedProcessor ? null : protocolReason(error));
  if (reason !== null) countProtocolError(reason, error);
}

function transportReason(error: unknown): ProtocolErrorReason | null {
  const { name, message } = (error ?? {}) as Record<string, unknown>;
  if (name === 'THeaderTransportError') {
    return message === 'Frame exceeds maximum frame size' ? 'oversize_frame' : 'garbage';
  }
  if (name === 'THeaderProtocolError') return 'garbage';
  return reasonOfText(message, BEFORE_THE_PROCESSOR);
}

function protocolReason(error: unknown): ProtocolErrorReason | null {
  const { name, type, message } = (error ?? {}) as Record<string, unknown>;
  if (name === 'TProtocolException') return type === BAD_VERSION ? 'bad_version' : 'garbage';
  return reasonOfText(message, BY_THE_PROTOCOL);
}

function reasonOfText(
  message: unknown,
  texts: readonly [start: string, reason: ProtocolErrorReason][],
): ProtocolErrorReason | null {
  if (typeof message !== 'string') return null;
  return texts.find(([start]) => message.startsWith(start))?.[1] ?? null;
}
