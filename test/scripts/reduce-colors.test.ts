import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';

import { beforeAll, expect, test } from 'vitest';

const MODULE = join(__dirname, '../../scripts/reduce-colors.mjs');
let reduceColors: (png: Buffer) => Buffer;
beforeAll(async () => {
  ({ reduceColors } = (await import(MODULE)) as { reduceColors: typeof reduceColors });
});

function chunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(data.length + 12);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, 'latin1');
  data.copy(framed, 8);
  return framed;
}

/** A picture of rows, each of which begins with the number of its filter. */
function picture(width: number, height: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The colors of a picture with a palette, row by row. */
function colorsOf(png: Buffer, width: number): string[][] {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const palette = chunks.get('PLTE')?.toString('hex').match(/.{6}/g) ?? [];
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  return Array.from({ length: rows.length / (width + 1) }, (_, y) =>
    Array.from(
      rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)),
      (index) => palette[index] ?? '',
    ),
  );
}

// By the PNG specification: none, left, above, average of both, and Paeth's choice among left, above and above left.
test('a picture of few colors keeps all of them, whichever filter its rows have', () => {
  const rows = [
    [0, 10, 20, 30, 1, 2, 3],
    [1, 10, 20, 30, 1, 1, 1],
    [2, 1, 0, 255, 0, 0, 0],
    [3, 5, 5, 5, 1, 1, 1],
    [4, 1, 1, 1, 2, 2, 2],
  ];
  const png = picture(2, rows.length, Buffer.from(rows.flat()));
  expect(colorsOf(reduceColors(png), 2)).toEqual([
    ['0a141e', '010203'],
    ['0a141e', '0b151f'],
    ['0b141d', '0b151f'],
    ['0a0f13', '0b131a'],
    ['0b1014', '0d151c'],
  ]);
});

test('of many colors each becomes one that is close', () => {
  const gray = (value: number) => [value, value, value];
  const rows = Array.from({ length: 256 }, (_, i) => [0, ...gray(i), i, i, i === 255 ? 0 : i + 1]);
  const colors = colorsOf(reduceColors(picture(2, 256, Buffer.from(rows.flat()))), 2);
  const distances = colors.flatMap((row, i) =>
    row.map((color) => Math.abs(Number.parseInt(color.slice(0, 2), 16) - i)),
  );
  expect(new Set(colors.flat()).size).toBeLessThanOrEqual(256);
  expect(Math.max(...distances)).toBeLessThanOrEqual(1);
});

test('a picture of another kind is refused', () => {
  const png = picture(1, 1, Buffer.from([0, 1, 2, 3]));
  png[25] = 6; // With transparency.
  expect(() => reduceColors(png)).toThrow('not a PNG as Chromium writes it');
});
