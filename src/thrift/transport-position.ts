import type { Protocol, Transport } from './protocol';

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
