import fc from 'fast-check';
import { Writer } from 'protobufjs';
import { expect, it } from 'vitest';

import { ProtobufMessage } from '../../src/scrape/protobuf-message';

/** One field, as this package writes it and as protobufjs does. */
interface Field {
  write(message: ProtobufMessage): void;
  writeExpected(writer: Writer): void;
}

/** The wire types of https://protobuf.dev/programming-guides/encoding/ */
const WIRE_TYPE = { varint: 0, fixed64: 1, length: 2 };

const tag = (writer: Writer, number: number, wireType: keyof typeof WIRE_TYPE): Writer =>
  writer.uint32(number * 8 + WIRE_TYPE[wireType]);

const number = fc.integer({ min: 1, max: 100 });

const scalar: fc.Arbitrary<Field> = fc.oneof(
  fc.tuple(number, fc.maxSafeNat()).map(([at, value]) => ({
    write: (message: ProtobufMessage) => message.uint(at, value),
    writeExpected: (writer: Writer) => void tag(writer, at, 'varint').uint64(value),
  })),
  fc.tuple(number, fc.integer()).map(([at, value]) => ({
    write: (message: ProtobufMessage) => message.sint(at, value),
    writeExpected: (writer: Writer) => void tag(writer, at, 'varint').sint64(value),
  })),
  fc.tuple(number, fc.double()).map(([at, value]) => ({
    write: (message: ProtobufMessage) => message.double(at, value),
    writeExpected: (writer: Writer) => void tag(writer, at, 'fixed64').double(value),
  })),
  fc.tuple(number, fc.string({ unit: 'grapheme', maxLength: 100 })).map(([at, value]) => ({
    write: (message: ProtobufMessage) => message.string(at, value),
    writeExpected: (writer: Writer) => void tag(writer, at, 'length').string(value),
  })),
);

const nested: fc.Arbitrary<Field> = fc
  .tuple(number, fc.array(scalar, { maxLength: 5 }))
  .map(([at, fields]) => ({
    write: (message) => message.message(at, messageOf(fields)),
    writeExpected: (writer) => void tag(writer, at, 'length').bytes(expectedOf(fields)),
  }));

function messageOf(fields: readonly Field[], message = new ProtobufMessage()): ProtobufMessage {
  for (const field of fields) field.write(message);
  return message;
}

function expectedOf(fields: readonly Field[]): Uint8Array {
  const writer = new Writer();
  for (const field of fields) field.writeExpected(writer);
  return writer.finish();
}

it('a message has the bytes that protobufjs writes, also after it was cleared', () => {
  const fields = fc.array(fc.oneof(scalar, nested), { maxLength: 20 });
  fc.assert(
    fc.property(fields, fields, (before, after) => {
      const message = messageOf(before);
      expect(message.length).toBe(expectedOf(before).length);
      expect([...message.result()]).toEqual([...expectedOf(before)]);
      message.clear();
      expect([...messageOf(after, message).result()]).toEqual([...expectedOf(after)]);
    }),
  );
});

it.each([
  // https://protobuf.dev/programming-guides/encoding/#signed-ints
  [0, 0],
  [-1, 1],
  [1, 2],
  [-2, 3],
])('the signed number %d is written as %d', (value, zigzag) => {
  const message = new ProtobufMessage();
  message.sint(1, value);
  expect([...message.result()]).toEqual([8, zigzag]);
});
