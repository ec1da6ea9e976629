import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ByteWriter } from '../../src/scrape/byte-writer';

/** One write, and what it appends to the text so far. */
interface Write {
  readonly what: string;
  write(out: ByteWriter): void;
  appended(before: Buffer): Buffer;
}

const write = (
  what: string,
  run: (out: ByteWriter) => void,
  appended: Buffer | ((before: Buffer) => Buffer),
): Write => ({
  what,
  write: run,
  appended: (before) => (typeof appended === 'function' ? appended(before) : appended),
});

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

const anyWrite = fc.oneof(
  fc
    .string({ unit: fc.constantFrom('a', 'é', '€', '😀'), maxLength: 400, size: 'max' })
    .map((text) => write('text', (out) => out.text(text), Buffer.from(text))),
  fc
    .string({ unit: 'grapheme-ascii', maxLength: 400, size: 'max' })
    .map((text) => write('ascii', (out) => out.ascii(text), Buffer.from(text))),
  fc
    .uint8Array({ maxLength: 200, size: 'max' })
    .map((bytes) => write('bytes', (out) => out.bytes(bytes), Buffer.from(bytes))),
  fc.nat(255).map((byte) => write('byte', (out) => out.byte(byte), Buffer.from([byte]))),
  fc.double().map((value) => write('double', (out) => out.double(value), double(value))),
  fc.nat().map((value) => write('number', (out) => out.number(value), Buffer.from(String(value)))),
  fc.tuple(fc.nat(400), fc.nat(400)).map(([from, length]) =>
    write(
      'repeat',
      (out) => out.repeat(Math.min(from, out.length), Math.min(from + length, out.length)),
      (before) => before.subarray(from, from + length),
    ),
  ),
);

describe('ByteWriter', () => {
  it('whatever is written follows what was written before', () => {
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.array(anyWrite, { maxLength: 40, size: 'max' }),
        (expected, writes) => {
          const out = new ByteWriter(expected);
          let model = Buffer.alloc(0);
          for (const each of writes) {
            each.write(out);
            model = Buffer.concat([model, each.appended(model)]);
            expect(out.length).toBe(model.length);
          }
          expect(out.result().equals(model)).toBe(true);
        },
      ),
    );
  });

  it('text is whole wherever the buffer ends', () => {
    for (let length = 1000; length <= 1024; length++) {
      for (const text of ['euro €€€€€', 'ascii only']) {
        const out = new ByteWriter(0);
        out.ascii('x'.repeat(length));
        out.text(text);
        expect(out.result().toString().slice(length)).toBe(text);
      }
    }
  });

  it('the next write overwrites what was taken', () => {
    const out = new ByteWriter(0);
    out.ascii('first');
    const taken = out.take();
    expect([taken.toString(), out.length]).toEqual(['first', 0]);
    out.ascii('then');
    expect(out.take().toString()).toBe('then');
    expect(taken.toString()).toBe('thent');
  });

  it.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    // The example of https://protobuf.dev/programming-guides/encoding/
    [150, [0x96, 0x01]],
    [2 ** 14 - 1, [0xff, 0x7f]],
    [2 ** 14, [0x80, 0x80, 0x01]],
    [2 ** 53 - 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%d is written as a varint with the lowest bits first', (value, bytes) => {
    const out = new ByteWriter(0);
    out.varint(value);
    expect([...out.result()]).toEqual(bytes);
  });

  it.each([0, 9, 10, 99, 100, 12_345, 999_999_999, 1e9, 2 ** 53, 1e21, -1, -12, 0.5, -0.25, 1e-7])(
    '%d is written as JavaScript spells it',
    (value) => {
      const out = new ByteWriter(0);
      out.number(value);
      expect(out.result().toString()).toBe(String(value));
    },
  );

  it('infinities and NaN are written as the text format spells them', () => {
    const spelled = [Infinity, -Infinity, NaN].map((value) => {
      const out = new ByteWriter(0);
      out.number(value);
      return out.take().toString();
    });
    expect(spelled).toEqual(['+Inf', '-Inf', 'Nan']);
    const out = new ByteWriter(0);
    out.number(NaN, 'NaN');
    expect(out.result().toString()).toBe('NaN');
  });
});

describe('the buffer of a ByteWriter', () => {
  it.each([
    ['byte by byte', (out: ByteWriter) => out.byte(1)],
    ['as text', (out: ByteWriter) => out.ascii('0123456789')],
    ['as bytes', (out: ByteWriter) => out.bytes(Buffer.alloc(100))],
    [
      'again',
      (out: ByteWriter) => (out.length < 100 ? out.ascii('0123456789') : out.repeat(50, 100)),
    ],
  ])(
    'the buffer is not copied up to the expected length, if it is written %s',
    (_how, writeSome) => {
      const out = new ByteWriter(100_000);
      const { buffer } = out.result();
      while (out.length < 100_000) writeSome(out);
      expect(out.length).toBe(100_000);
      expect(out.result().buffer === buffer).toBe(true);
    },
  );

  it('the buffer is copied seldom beyond the expected length', () => {
    const out = new ByteWriter(0);
    const buffers = new Set<ArrayBufferLike>();
    for (let i = 0; i < 2 ** 20; i++) {
      out.byte(1);
      if (i % 4096 === 0) buffers.add(out.result().buffer);
    }
    // From 1 kB to 1 MB in steps of a half.
    expect(buffers.size).toBeLessThan(20);
  });
});
