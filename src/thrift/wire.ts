/** The header of a message. The peer wrote it: in JSON, or without a version, its parts may be of any type. */
export interface MessageBegin {
  readonly fname: unknown;
  readonly mtype: unknown;
  readonly rseqid: unknown;
}

/** The fields that observers read of Thrift's transports: the framed one has `readPos`, the buffered one the cursors. */
export interface Transport {
  readonly inBuf?: Buffer;
  readonly readPos?: number;
  readonly readCursor?: number;
  readonly writeCursor?: number;
  readonly outCount: number;
  readonly shouldWriteHeaders?: boolean;
}

/** The members that observers use of Thrift's protocols, and the properties that they add. */
export interface Protocol {
  readonly trans: Transport;
  /** Only on `THeaderProtocol`: the protocol that it delegates to. */
  readonly protocol?: unknown;
  readMessageBegin: (this: Protocol) => MessageBegin;
  readMessageEnd: (this: Protocol) => unknown;
  writeMessageBegin: (this: Protocol, name: unknown, type: unknown, seqid: unknown) => unknown;
  flush: (this: Protocol) => unknown;
  // Enumerable and with plain names, so that the copies that MultiplexedProcessor makes with for-in have them too. Only
  // the observers in `service/` know their types.
  thriftMetricsRequest?: unknown;
  thriftMetricsReply?: unknown;
}

/** `Thrift.MessageType`. */
export const CALL = 1;
export const REPLY = 2;
export const EXCEPTION = 3;
export const ONEWAY = 4;

/** A frame holds one message, so a message that ends early is cut off. Without frames, the rest may still arrive. */
export function isFramed(transport: Transport): boolean {
  return transport.readPos !== undefined;
}

/** Whether a protocol is Thrift's `THeaderProtocol`, the only one that delegates to another. */
export function isHeaderProtocol({ protocol }: { readonly protocol?: unknown }): boolean {
  return protocol !== undefined;
}

/** Number of bytes read so far, or NaN if the transport is neither framed nor buffered. */
export function readPosition({ readCursor, readPos }: Transport): number {
  return readCursor ?? readPos ?? NaN;
}

/** Number of bytes left to read, or NaN if the transport is neither framed nor buffered. */
export function bytesLeft(transport: Transport): number {
  const { readCursor, readPos } = transport;
  if (readCursor !== undefined) return (transport.writeCursor as number) - readCursor;
  return readPos === undefined ? NaN : (transport.inBuf as Buffer).length - readPos;
}

// Headers are: length (4 bytes), magic number (2), flags (2), sequence id (4), number of words (2), words of 4 bytes.
const WORD_COUNT_OFFSET = 12;
const FIXED_LENGTH = 14;

/** Number of bytes read that are headers of `THeaderTransport` instead of the message. */
export function headerLength(input: Protocol): number {
  const { trans } = input;
  if (!isHeaderProtocol(input) || trans.shouldWriteHeaders !== true) return 0;
  return FIXED_LENGTH + 4 * (trans.inBuf as Buffer).readInt16BE(WORD_COUNT_OFFSET);
}
