import type { ReplyObserver } from './service/reply-observer';
import type { RequestObserver } from './service/request-observer';

/** What a message begins with. The peer wrote it: in JSON, or without a version, it may be of any type. */
export interface MessageBegin {
  readonly fname: unknown;
  readonly mtype: unknown;
  readonly rseqid: unknown;
}

/** What is read of a transport of `thrift`. `readPos` is the framed one's, the cursors are the buffered one's. */
export interface Transport {
  readonly inBuf?: Buffer;
  readonly readPos?: number;
  readonly readCursor?: number;
  readonly writeCursor?: number;
  readonly outCount: number;
  readonly shouldWriteHeaders?: boolean;
}

/** What is read of a protocol of `thrift`, and what observers add to it. */
export interface Protocol {
  readonly trans: Transport;
  /** Of `THeaderProtocol` only: the protocol that it reads and writes by. */
  readonly protocol?: unknown;
  readMessageBegin: (this: Protocol) => MessageBegin;
  readMessageEnd: (this: Protocol) => unknown;
  writeMessageBegin: (this: Protocol, name: unknown, type: unknown, seqid: unknown) => unknown;
  flush: (this: Protocol) => unknown;
  // Not under symbols, and enumerable: the copy that MultiplexedProcessor makes by for-in is to have them, too.
  thriftMetricsRequest?: RequestObserver;
  thriftMetricsReply?: ReplyObserver;
}

/** `Thrift.MessageType`. */
export const CALL = 1;
export const REPLY = 2;
export const EXCEPTION = 3;
export const ONEWAY = 4;

/** A frame is a message: what ends before it does is cut off. Without frames, the rest may be on its way. */
export function isFramed(transport: Transport): boolean {
  return transport.readPos !== undefined;
}

/** How many bytes were read; NaN of a transport that is neither framed nor buffered. */
export function readPosition({ readCursor, readPos }: Transport): number {
  return readCursor ?? readPos ?? NaN;
}

/** How many bytes there are to read; NaN of a transport that is neither framed nor buffered. */
export function bytesLeft(transport: Transport): number {
  const { readCursor, readPos } = transport;
  if (readCursor !== undefined) return (transport.writeCursor as number) - readCursor;
  return readPos === undefined ? NaN : (transport.inBuf as Buffer).length - readPos;
}

/** Length (4 bytes), magic number and flags (2 each), sequence id (4), a count of words of 4 bytes (2), and the words. */
const LENGTH_AT = 12;
const FIXED_LENGTH = 14;

/** How many of the bytes read were headers of the transport and not of the message. */
export function headerLength({ protocol, trans }: Protocol): number {
  if (protocol === undefined || trans.shouldWriteHeaders !== true) return 0;
  return FIXED_LENGTH + 4 * (trans.inBuf as Buffer).readInt16BE(LENGTH_AT);
}
