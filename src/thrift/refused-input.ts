import { CATALOGUE, LABEL } from '../metrics/catalogue';
import type { CounterCell } from '../metrics/cell';
import { builtInSeries } from '../runtime/families';
import { state } from '../runtime/runtime';

/** Why input was refused: the values of `thrift_reason` of `thrift_server_protocol_errors_total`. */
const PROTOCOL_ERROR_REASONS = [
  'garbage',
  'bad_version',
  'oversize_frame',
  'cut_off_struct',
  'wrong_message_type',
  'unknown_service',
] as const;

export type ProtocolErrorReason = (typeof PROTOCOL_ERROR_REASONS)[number];

const cells = new Map<ProtocolErrorReason, CounterCell>();
const counted = new WeakSet<object>();

/** Puts every reason into the registry at 0. */
export function registerProtocolErrors(): void {
  for (const reason of PROTOCOL_ERROR_REASONS) {
    cells.set(reason, builtInSeries(CATALOGUE.protocolErrors, { [LABEL.reason]: reason }).cell);
  }
}

/** Counts refused input, once for each `error`, which may pass several places on its way out. */
export function countProtocolError(reason: ProtocolErrorReason, error?: unknown): void {
  if (!state.gate.enabled) return;
  if (typeof error === 'object' && error !== null) {
    if (counted.has(error)) return;
    counted.add(error);
  }
  const cell = cells.get(reason);
  if (cell !== undefined) cell.value++;
}

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
