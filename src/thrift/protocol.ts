import type { ReplyObserver } from './processor/reply-observer';
import type { RequestObserver } from './processor/request-observer';

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
