import { ByteWriter } from './byte-writer';

// Wire types.
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

/** A protobuf message under construction. https://protobuf.dev/programming-guides/encoding/ */
export class ProtobufMessage {
  private readonly out = new ByteWriter(256);

  get length(): number {
    return this.out.length;
  }

  result(): Buffer {
    return this.out.result();
  }

  clear(): void {
    this.out.clear();
  }

  uint(field: number, value: number): void {
    this.tag(field, VARINT);
    this.out.varint(value);
  }

  /** Writes a signed number in zigzag encoding: 0, -1, 1, -2 … become 0, 1, 2, 3 … */
  sint(field: number, value: number): void {
    this.uint(field, value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.out.double(value);
  }

  string(field: number, value: string): void {
    this.tag(field, LENGTH);
    this.out.varint(Buffer.byteLength(value));
    this.out.text(value);
  }

  message(field: number, message: ProtobufMessage): void {
    this.tag(field, LENGTH);
    this.out.varint(message.length);
    this.out.bytes(message.result());
  }

  private tag(field: number, wireType: number): void {
    this.out.varint(field * 8 + wireType);
  }
}
