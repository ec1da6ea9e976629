import { join } from 'node:path';

import { loadSync, Reader } from 'protobufjs';

import { renderMetrics } from '../../src/index';

const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

interface Pair {
  readonly name: string;
  readonly value: string;
}

interface ReadTimestamp {
  readonly seconds: number;
  readonly nanos: number;
}

interface ReadExemplar {
  readonly label: readonly Pair[];
  readonly value: number;
  readonly timestamp: ReadTimestamp;
}

export interface ReadHistogram {
  readonly sampleCount: number;
  readonly sampleSum: number;
  readonly bucket?: readonly {
    readonly cumulativeCount: number;
    readonly upperBound: number;
    readonly exemplar?: ReadExemplar;
  }[];
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly positiveSpan?: readonly { readonly offset: number; readonly length: number }[];
  readonly positiveDelta?: readonly number[];
  readonly createdTimestamp?: ReadTimestamp;
}

export interface ReadMetric {
  readonly label?: readonly Pair[];
  readonly gauge?: { readonly value: number };
  readonly counter?: {
    readonly value: number;
    readonly exemplar?: ReadExemplar;
    readonly createdTimestamp?: ReadTimestamp;
  };
  readonly untyped?: { readonly value: number };
  readonly summary?: {
    readonly sampleCount: number;
    readonly sampleSum: number;
    readonly quantile?: readonly { readonly quantile: number; readonly value: number }[];
    readonly createdTimestamp?: ReadTimestamp;
  };
  readonly histogram?: ReadHistogram;
}

export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly unit?: string;
  readonly metric?: readonly ReadMetric[];
}

const familyType = loadSync(join(__dirname, 'metrics.proto')).lookupType(
  'io.prometheus.client.MetricFamily',
);

/** Renders the metrics as protobuf, and reads them. */
export async function readProtobuf(names?: string[]): Promise<ReadFamily[]> {
  const { contentType, body } = await renderMetrics({
    accept: PROTOBUF,
    ...(names === undefined ? {} : { names }),
  });
  if (contentType !== PROTOBUF) throw new Error(contentType);
  return parseProtobuf(body);
}

/** Reads delimited messages with an independent library. */
export function parseProtobuf(body: Uint8Array): ReadFamily[] {
  const reader = Reader.create(body);
  const families: ReadFamily[] = [];
  while (reader.pos < reader.len) {
    const family = familyType.decodeDelimited(reader);
    families.push(familyType.toObject(family, { longs: Number, enums: String }) as ReadFamily);
  }
  return families;
}

/** The counts of the native buckets that are not empty, by index. */
export function nativeCounts({ positiveSpan = [], positiveDelta = [] }: ReadHistogram) {
  const counts = new Map<number, number>();
  let index = 0;
  let count = 0;
  let next = 0;
  for (const { offset, length } of positiveSpan) {
    index += offset;
    for (let i = 0; i < length; i++) {
      count += positiveDelta[next++] as number;
      counts.set(index++, count);
    }
  }
  if (next !== positiveDelta.length) throw new Error('more deltas than the spans have buckets');
  return counts;
}
