// Encodes messages from Thrift's specifications of its protocols, without any library of Thrift:
// https://github.com/apache/thrift/tree/master/doc/specs

export type Protocol = 'binary' | 'compact' | 'json';
export type Transport = 'framed' | 'buffered';

type Value =
  | { readonly i32: number }
  | { readonly text: string }
  | { readonly struct: readonly Field[] }
  | { readonly map: readonly (readonly [name: string, value: string])[] };

export type Field = readonly [id: number, value: Value];

const TYPES = { call: 1, reply: 2, oneway: 4 } as const;

export interface Message {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly seqid: number;
  readonly fields: readonly Field[];
}

/** The bytes of a message. */
export function encode(transport: Transport, protocol: Protocol, message: Message): Buffer {
  const body = ENCODERS[protocol](message);
  return transport === 'framed' ? Buffer.concat([int(body.length, 4), body]) : body;
}

const ENCODERS: Readonly<Record<Protocol, (message: Message) => Buffer>> = {
  binary: ({ name, type, seqid, fields }) =>
    Buffer.concat([
      int(0x8001, 2),
      int(TYPES[type], 2),
      binaryText(name),
      int(seqid, 4),
      binaryStruct(fields),
    ]),
  compact: ({ name, type, seqid, fields }) =>
    Buffer.concat([
      Buffer.of(0x82, (TYPES[type] << 5) | 1),
      varint(seqid),
      compactText(name),
      compactStruct(fields),
    ]),
  json: ({ name, type, seqid, fields }) =>
    Buffer.from(`[1,${JSON.stringify(name)},${TYPES[type]},${seqid},${jsonStruct(fields)}]`),
};

function int(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

// Binary.

const binaryText = (text: string): Buffer =>
  Buffer.concat([int(Buffer.byteLength(text), 4), Buffer.from(text)]);

function binaryStruct(fields: readonly Field[]): Buffer {
  const encoded = fields.map(([id, value]) => {
    const [type, bytes] = binaryValue(value);
    return Buffer.concat([int(type, 1), int(id, 2), bytes]);
  });
  return Buffer.concat([...encoded, int(0, 1)]);
}

function binaryValue(value: Value): [type: number, bytes: Buffer] {
  if ('i32' in value) return [8, int(value.i32, 4)];
  if ('text' in value) return [11, binaryText(value.text)];
  if ('struct' in value) return [12, binaryStruct(value.struct)];
  const entries = value.map.flatMap((entry) => entry.map(binaryText));
  return [13, Buffer.concat([int(11, 1), int(11, 1), int(value.map.length, 4), ...entries])];
}

// Compact.

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.of(...bytes, rest);
}

/** A number that is not negative, in zigzag encoding. */
const zigzag = (value: number): Buffer => varint(value * 2);

const compactText = (text: string): Buffer =>
  Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)]);

function compactStruct(fields: readonly Field[]): Buffer {
  let before = 0;
  const encoded = fields.map(([id, value]) => {
    const [type, bytes] = compactValue(value);
    const delta = id - before;
    before = id;
    const isShort = delta >= 1 && delta <= 15;
    const header = isShort ? [Buffer.of((delta << 4) | type)] : [Buffer.of(type), zigzag(id)];
    return Buffer.concat([...header, bytes]);
  });
  return Buffer.concat([...encoded, Buffer.of(0)]);
}

function compactValue(value: Value): [type: number, bytes: Buffer] {
  if ('i32' in value) return [5, zigzag(value.i32)];
  if ('text' in value) return [8, compactText(value.text)];
  if ('struct' in value) return [12, compactStruct(value.struct)];
  const entries = value.map.flatMap((entry) => entry.map(compactText));
  return [11, Buffer.concat([varint(value.map.length), Buffer.of(0x88), ...entries])];
}

// JSON.

function jsonStruct(fields: readonly Field[]): string {
  return `{${fields.map(([id, value]) => `"${id}":${jsonValue(value)}`).join(',')}}`;
}

function jsonValue(value: Value): string {
  if ('i32' in value) return `{"i32":${value.i32}}`;
  if ('text' in value) return `{"str":${JSON.stringify(value.text)}}`;
  if ('struct' in value) return `{"rec":${jsonStruct(value.struct)}}`;
  const entries = JSON.stringify(Object.fromEntries(value.map));
  return `{"map":["str","str",${value.map.length},${entries}]}`;
}
