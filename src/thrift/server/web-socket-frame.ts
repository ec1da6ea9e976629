/** The last WebSocket frame in a chunk from a client (RFC 6455, section 5.2). */
export interface WebSocketFrame {
  /** Whether it is a close, ping or pong instead of part of a message. */
  readonly isControl: boolean;
  /** Whether it is a complete message. */
  readonly isMessage: boolean;
  /** The first bytes of the payload that have arrived, at most four. */
  readonly start: Buffer;
}

/** Reads the frames of a chunk as Thrift does: it assumes that the chunk begins with a frame. */
export function lastFrame(chunk: Buffer): WebSocketFrame | null {
  let last: WebSocketFrame | null = null;
  let at = 0;
  while (at + 2 <= chunk.length) {
    const first = chunk[at] as number;
    const second = chunk[at + 1] as number;
    const shortLength = second & 0x7f;
    const isMasked = (second & 0x80) !== 0;
    const lengthBytes = shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0;
    const payloadAt = at + 2 + lengthBytes + (isMasked ? 4 : 0);
    if (payloadAt > chunk.length) break;
    const length =
      lengthBytes === 0
        ? shortLength
        : chunk.readUIntBE(at + 2 + Math.max(0, lengthBytes - 6), Math.min(lengthBytes, 6));
    const start = Buffer.from(chunk.subarray(payloadAt, payloadAt + Math.min(length, 4)));
    if (isMasked)
      start.forEach((byte, i) => (start[i] = byte ^ (chunk[payloadAt - 4 + i] as number)));
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    last = { isControl: opcode >= 8, isMessage: isFinal && (opcode === 1 || opcode === 2), start };
    at = payloadAt + length;
  }
  return last;
}
