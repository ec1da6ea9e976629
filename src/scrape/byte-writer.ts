import { spellNumber } from './number-spelling';

/** The digit 0 in ASCII. */
const ZERO = 0x30;

/** Appends text, numbers and bytes to one buffer that grows. */
export class ByteWriter {
  private buffer: Buffer;
  length = 0;

  /** @param expected estimated number of bytes, to avoid copying the buffer while it grows */
  constructor(expected: number) {
    this.buffer = Buffer.allocUnsafe(Math.max(expected, 1024));
  }

  /** Returns what was written, without copying it. */
  result(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Returns what was written, and starts again: the next write overwrites it. */
  take(): Buffer {
    const taken = this.result();
    this.clear();
    return taken;
  }

  clear(): void {
    this.length = 0;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.ceil(this.buffer.length * 1.5)));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  /** Writes any text as UTF-8. */
  text(text: string): void {
    // A UTF-16 unit takes three bytes at most.
    this.reserve(text.length * 3);
    this.length += this.buffer.write(text, this.length);
  }

  bytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    const { buffer } = this;
    let at = this.length;
    // Up to about sixty bytes, a loop is faster than the call that copies.
    if (length > 64) buffer.set(bytes, at);
    else for (let i = 0; i < length; i++) buffer[at++] = bytes[i] as number;
    this.length += length;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.buffer[this.length++] = byte;
  }

  /** Writes a non-negative whole number with seven bits per byte, the lowest bits first. */
  varint(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  double(value: number): void {
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  /** Writes again what was written between two offsets. */
  repeat(from: number, to: number): void {
    this.reserve(to - from);
    this.buffer.copyWithin(this.length, from, to);
    this.length += to - from;
  }

  /** Writes a number as the text formats spell it. They differ in NaN. */
  number(value: number, nan = 'Nan'): void {
    if (Number.isInteger(value) && value >= 0 && value < 1e9) this.digits(value);
    else this.ascii(Number.isNaN(value) ? nan : spellNumber(value));
  }

  /** Writes text that is known to be ASCII, faster than `text`. */
  ascii(text: string): void {
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.buffer[this.length++] = text.charCodeAt(i);
  }

  private digits(value: number): void {
    this.reserve(10);
    const { buffer } = this;
    let end = this.length + 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
    let rest = value;
    for (let at = end - 1; at >= this.length; at--) {
      const next = Math.floor(rest / 10);
      buffer[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length = end;
  }
}
