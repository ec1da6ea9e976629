import { CATALOGUE, LABEL } from '../metrics/catalogue';
import type { CounterCell } from '../metrics/cell';
import { definePart, type Runtime } from '../runtime/runtime';
import { CALL, ONEWAY } from './wire';

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

type KnownMessages = readonly (readonly [start: string, reason: ProtocolErrorReason])[];

/** Messages of errors from Thrift's transports and its multiplexer, which see the input before the processor does. */
const BEFORE_THE_PROCESSOR: KnownMessages = [
  ['Frame size ', 'oversize_frame'],
  ['Received message larger than the maximum allowed ', 'oversize_frame'],
  ['TMultiplexedProcessor: Unknown service', 'unknown_service'],
  ['TMultiplexedProcessor: Unexpected message type', 'wrong_message_type'],
];

/** Messages of errors from Thrift's protocols that are plain `Error`s. */
const FROM_THE_PROTOCOL: KnownMessages = [
  ['Wrong thrift protocol version', 'bad_version'],
  ['Malformed JSON input, ', 'garbage'],
  ['Invalid type: ', 'garbage'],
];

/** The reason to refuse a message whose header has this type, or null if a server expects the type. */
export function reasonOfMessageType(type: unknown): ProtocolErrorReason | null {
  return type === CALL || type === ONEWAY ? null : 'wrong_message_type';
}

/**
 * The reason in an error that a processor threw before it had decoded a message. Null if nothing is wrong: without
 * frames, the rest of the message may still arrive.
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
 * The reason in an error that a server emitted, or null if the error is not about input. An instrumented processor
 * counts what it refuses itself, and errors of its handler may look the same. So once the input has reached such a
 * processor, only errors from before the processor have a reason.
 */
export function reasonOfServerError(
  error: unknown,
  hasReachedProcessor: boolean,
): ProtocolErrorReason | null {
  return (
    reasonOfTransportError(error) ?? (hasReachedProcessor ? null : reasonOfProtocolError(error))
  );
}

/** The reason in an error of Node.js about input that should be HTTP, or null if the error is not about input. */
export function reasonOfHttpError(error: unknown): ProtocolErrorReason | null {
  const { code } = (error ?? {}) as { code?: unknown };
  // A request that is cut off is not garbage.
  if (typeof code !== 'string' || code === 'HPE_INVALID_EOF_STATE') return null;
  return code.startsWith('HPE_') ? 'garbage' : null;
}

/**
 * The reason why a web server answered 500 to a body that has reached no instrumented processor. On a server without
 * such a processor, a body that begins like a message may have reached another processor, so its reason is null.
 */
export function reasonOfRefusedBody(
  data: Buffer,
  hasInstrumentedProcessor: boolean,
): ProtocolErrorReason | null {
  return hasInstrumentedProcessor || !beginsLikeInput(data) ? 'oversize_frame' : null;
}

/** The reason why a WebSocket message with these first bytes, at most four, has not reached the processor. */
export function reasonOfHeldBackFrame(start: Buffer): ProtocolErrorReason {
  const isOversize = start.length === 4 && !isFrameSize(start.readInt32BE(0));
  return isOversize ? 'oversize_frame' : 'cut_off_struct';
}

/** Whether a message, or the size of a frame, begins like this. */
function beginsLikeInput(data: Buffer): boolean {
  if (data.length < 4 || isFrameSize(data.readInt32BE(0))) return true;
  const isBinary = data[0] === 0x80 && data[1] === 0x01;
  const isCompact = data[0] === 0x82;
  const isJson = data[0] === 0x5b;
  return isBinary || isCompact || isJson;
}

/** The largest frame that Thrift's framed transport accepts by default. Web servers cannot change it. */
const MAX_FRAME_SIZE = 16_384_000;

/** Whether a web server accepts a frame that announces this size. */
function isFrameSize(size: number): boolean {
  return size >= 0 && size <= MAX_FRAME_SIZE;
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

function reasonOfMessage(message: unknown, known: KnownMessages): ProtocolErrorReason | null {
  if (typeof message !== 'string') return null;
  return known.find(([start]) => message.startsWith(start))?.[1] ?? null;
}
