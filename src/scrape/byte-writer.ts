const ZERO = 0x30;

/** Writes text and bytes one after another into one buffer that grows. */
export class ByteWriter {
  private buffer: Buffer;
  length = 0;

  /** `expected`: how much will probably be written, so that the buffer need not be copied while it grows. */
  constructor(expected: number) {
    this.buffer = Buffer.allocUnsafe(Math.max(expected, 1024));
  }

  /** What was written, without a copy. */
  result(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** What was written; the next write overwrites it. */
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

  /** Any text, as UTF-8. */
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
    // Below some sixty bytes a loop is faster than the call that copies.
    if (length > 64) buffer.set(bytes, at);
    else for (let i = 0; i < length; i++) buffer[at++] = bytes[i] as number;
    this.length += length;
  }

  byte(byte: number): void {
    this.reserve(1);
    this.buffer[this.length++] = byte;
  }

  /** A whole number that is not negative, seven bits a byte, the lowest first. */
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

  /** Repeats what was written from one place to another. */
  repeat(from: number, to: number): void {
    this.reserve(to - from);
    this.buffer.copyWithin(this.length, from, to);
    this.length += to - from;
  }

  /** A number in the spelling of the text format, or of another where it is given. */
  number(value: number, nan = 'Nan'): void {
    if (Number.isInteger(value) && value >= 0 && value < 1e9) this.digits(value);
    else this.ascii(Number.isNaN(value) ? nan : spellNumber(value));
  }

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

/** A number that is not NaN, as both text formats write it. */
export function spellNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * A bucket's bound or a quantile as OpenMetrics wants it in a label: as Go's %g writes it, and with `.0` where that
 * looks whole. https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#considerations-canonical-numbers
 */
export function spellCanonical(value: number): string {
  if (!Number.isFinite(value)) return spellNumber(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    const digits = String(Math.abs(power)).padStart(2, '0');
    return `${mantissa}e${power < 0 ? '-' : '+'}${digits}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
