import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** As many as an index of one byte can name. */
const COLORS = 256;

/**
 * Writes a screenshot with a palette, which takes a third of the bytes: the pictures of the documentation are part of the
 * package. Takes what Chromium writes, a PNG with 8 bits of red, green and blue for each pixel.
 */
export function reduceColors(png) {
  const { header, pixels } = decode(png);
  const width = header.readUInt32BE(0);
  const counts = new Map();
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1);
  const { palette, indices } = choosePalette(counts);

  const rows = Buffer.alloc((pixels.length / width) * (width + 1));
  // Each row begins with its filter; 0 is none, which suits a palette best.
  pixels.forEach((color, i) => rows.writeUInt8(indices.get(color), i + Math.floor(i / width) + 1));
  const indexed = Buffer.from(header);
  indexed[9] = 3;
  const colors = Buffer.alloc(palette.length * 3);
  palette.forEach((color, i) => colors.writeUIntBE(color, i * 3, 3));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', indexed),
    chunk('PLTE', colors),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Chooses the color that would be furthest off, weighted by the number of its pixels, until the palette is full. */
function choosePalette(counts) {
  const palette = [];
  const indices = new Map();
  const errors = new Map([...counts.keys()].map((color) => [color, Infinity]));
  while (palette.length < Math.min(COLORS, counts.size)) {
    const [chosen] = [...counts].reduce((worst, each) =>
      costOf(each) > costOf(worst) ? each : worst,
    );
    for (const [color, error] of errors) {
      const distance = squaredDistance(color, chosen);
      if (distance >= error) continue;
      errors.set(color, distance);
      indices.set(color, palette.length);
    }
    palette.push(chosen);
  }
  return { palette, indices };

  function costOf([color, count]) {
    return errors.get(color) * count;
  }
}

function squaredDistance(a, b) {
  const channels = [16, 8, 0].map((shift) => ((a >> shift) & 255) - ((b >> shift) & 255));
  return channels.reduce((sum, channel) => sum + channel ** 2, 0);
}

/** Reads the header and the colors of all pixels. */
function decode(png) {
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR').data;
  // 8 bits, red, green and blue, the only compression and filters there are, not interlaced.
  if (header.toString('hex', 8) !== '0802000000')
    throw new Error('not a PNG as Chromium writes it');
  const data = chunks.filter(({ type }) => type === 'IDAT').map((each) => each.data);
  const bytes = unfilter(inflateSync(Buffer.concat(data)), header.readUInt32BE(0) * 3);
  const pixels = Array.from({ length: bytes.length / 3 }, (_, i) => bytes.readUIntBE(i * 3, 3));
  return { header, pixels };
}

function chunksOf(png) {
  const chunks = [];
  for (let at = SIGNATURE.length; at < png.length; at += chunks.at(-1).data.length + 12) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString('latin1', at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
  }
  return chunks;
}

/** Undoes the filter of each row, which predicts a byte by those to its left, above and above left. */
function unfilter(rows, size) {
  const bytes = Buffer.alloc((rows.length / (size + 1)) * size);
  for (let i = 0; i < bytes.length; i += 1) {
    const row = Math.floor(i / size);
    const isFirst = i % size < 3;
    const left = isFirst ? 0 : bytes[i - 3];
    const above = row === 0 ? 0 : bytes[i - size];
    const aboveLeft = isFirst || row === 0 ? 0 : bytes[i - size - 3];
    const predictions = [0, left, above, (left + above) >> 1, paeth(left, above, aboveLeft)];
    bytes[i] = rows[i + row + 1] + predictions[rows[row * (size + 1)]];
  }
  return bytes;
}

function paeth(left, above, aboveLeft) {
  const estimate = left + above - aboveLeft;
  const [toLeft, toAbove, toAboveLeft] = [left, above, aboveLeft].map((byte) =>
    Math.abs(estimate - byte),
  );
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
  return toAbove <= toAboveLeft ? above : aboveLeft;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
