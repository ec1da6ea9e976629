import { CATALOGUE, LABEL } from '../metrics/catalogue';
import type { CounterCell } from '../metrics/cell';
import { definePart, type Runtime } from '../runtime/runtime';

/** Why input was refused: the values of `thrift_reason` of `thrift_server_protocol_errors_total`. */
const REASONS = [
  'garbage',
  'bad_version',
  'oversize_frame',
  'cut_off_struct',
  'wrong_message_type',
  'unknown_service',
] as const;

export type ProtocolErrorReason = (typeof REASONS)[number];

/** Counts input that is not a Thrift message as the server expects it. */
export class ProtocolErrors {
  private readonly cells = new Map<ProtocolErrorReason, CounterCell>();
  private readonly counted = new WeakSet<object>();

  constructor(private readonly runtime: Runtime) {}

  /** Puts every reason into the registry at 0. */
  register(): void {
    const { families } = this.runtime;
    for (const reason of REASONS) {
      const labels = { [LABEL.reason]: reason };
      this.cells.set(reason, families.series(CATALOGUE.protocolErrors, labels).cell);
    }
  }

  /** Counts refused input, once per `error`, because one error passes several observers on its way out. */
  count(reason: ProtocolErrorReason, error?: unknown): void {
    if (!this.runtime.gate.enabled) return;
    if (typeof error === 'object' && error !== null) {
      if (this.counted.has(error)) return;
      this.counted.add(error);
    }
    const cell = this.cells.get(reason);
    if (cell !== undefined) cell.value++;
  }
}

export const protocolErrorsOf = definePart(
  'thrift.protocol-errors',
  (runtime) => new ProtocolErrors(runtime),
);

/** `Thrift.TProtocolExceptionType.BAD_VERSION`. */
const BAD_VERSION = 4;

/** Messages of Thrift's transports and of its multiplexer, which come before the processor. */
const BEFORE_THE_PROCESSOR: readonly (readonly [start: string, reason: ProtocolErrorReason])[] = [
  ['Frame size ', 'oversize_frame'],
  ['Received message larger than the maximum allowed ', 'oversize_frame'],
  ['TMultiplexedProcessor: Unknown service', 'unknown_service'],
  ['TMultiplexedProcessor: Unexpected message type', 'wrong_message_type'],
];

/** Messages of Thrift's protocols, in errors without a class of their own. */
const FROM_THE_PROTOCOL: readonly (readonly [start: string, reason: ProtocolErrorReason])[] = [
  ['Wrong thrift protocol version', 'bad_version'],
  ['Malformed JSON input, ', 'garbage'],
  ['Invalid type: ', 'garbage'],
];

/**
 * The reason in an error that a processor threw before it had decoded a message. Null if nothing is wrong: without frames,
 * the rest of the message may still arrive.
 */
export function reasonOfDecodingError(
  error: unknown,
  isFramed: boolean,
): ProtocolErrorReason | null {
  const { name } = (error ?? {}) as { name?: unknown };
  if (name === 'InputBufferUnderrunError') return isFramed ? 'cut_off_struct' : null;
  return reasonOfProtocolError(error) ?? 'garbage';
}

/**
 * The reason in an error that a server emitted, or null if it is not about input. An instrumented processor counts what it
 * refuses itself, and errors of handlers that come from it may look the same. Once it was reached, only errors from before
 * the processor count.
 */
export function reasonOfServerError(
  error: unknown,
  hasReachedProcessor: boolean,
): ProtocolErrorReason | null {
  return (
    reasonOfTransportError(error) ?? (hasReachedProcessor ? null : reasonOfProtocolError(error))
  );
}

function reasonOfTransportError(error: unknown): ProtocolErrorReason | null {
  const { name, message } = (error ?? {}) as Record<string, unknown>;
  if (name === 'THeaderTransportError') {
    return message === 'Frame exceeds maximum frame size' ? 'oversize_frame' : 'garbage';
  }
  if (name === 'THeaderProtocolError') return 'garbage';
  return reasonOfMessage(message, BEFORE_THE_PROCESSOR);
}

function reasonOfProtocolError(error: unknown): ProtocolErrorReason | null {
  const { name, type, message } = (error ?? {}) as Record<string, unknown>;
  if (name === 'TProtocolException') return type === BAD_VERSION ? 'bad_version' : 'garbage';
  return reasonOfMessage(message, FROM_THE_PROTOCOL);
}

function reasonOfMessage(
  message: unknown,
  known: readonly (readonly [start: string, reason: ProtocolErrorReason])[],
): ProtocolErrorReason | null {
  if (typeof message !== 'string') return null;
  return known.find(([start]) => message.startsWith(start))?.[1] ?? null;
}
