import { cellTimeOf, unixTimeOf } from '../../metrics/clock';
import { CounterCell, GaugeCell } from '../../metrics/cell';
import type { ErrorSample } from '../../metrics/error-sample';
import type { Exemplar } from '../../metrics/exemplar';
import type { CellOf, CellType } from '../../metrics/family';
import type { HistogramCell } from '../../metrics/histogram-cell';
import type { HistogramStore } from '../../metrics/histogram-store';
import { NativeBuckets } from '../../metrics/native-buckets';
import { QuantileSketch } from '../../metrics/sketch';
import { SummaryCell } from '../../metrics/summary-cell';

/** A number for JSON, which has neither NaN nor infinities. They are encoded as text. */
export type EncodedNumber = number | string;

type EncodedExemplar = readonly [
  labels: Exemplar['labels'],
  value: EncodedNumber,
  timestamp: number,
];
type EncodedSample = readonly [message: string, stack: string, time: number, process: string];
type EncodedNative = readonly [
  schema: number,
  maxBuckets: number,
  zeros: number,
  first: number,
  counts: number[],
];

/** The encoding of each type of cell. The family has the bounds or quantiles. Start times are seconds since 1970. */
interface EncodedCellOf {
  counter: readonly [
    value: EncodedNumber,
    exemplar: EncodedExemplar | null,
    startedAt: number,
    /** Absent if the counter has none. */
    sample?: EncodedSample,
  ];
  gauge: readonly [value: EncodedNumber];
  histogram: readonly [
    sum: EncodedNumber,
    counts: readonly number[],
    native: EncodedNative | null,
    exemplars: readonly (readonly [bucket: number, exemplar: EncodedExemplar])[],
    startedAt: number,
  ];
  summary: readonly [
    sum: EncodedNumber,
    count: number,
    zeros: number,
    bins: readonly (readonly [bin: number, count: number])[],
    startedAt: number,
  ];
}

export type EncodedCell = EncodedCellOf[CellType];

type Codecs = {
  readonly [T in CellType]: {
    encode(cell: CellOf[T]): EncodedCellOf[T];
    decode(encoded: EncodedCellOf[T], points: readonly number[], store: HistogramStore): CellOf[T];
  };
};

const CODECS: Codecs = {
  counter: {
    encode: (cell) => [
      encodeNumber(cell.read()),
      encodeExemplar(cell.exemplar),
      unixTimeOf(cell.startedAt),
      ...encodeSample(cell.sample),
    ],
    decode([value, exemplar, startedAt, sample]) {
      const cell = new CounterCell();
      cell.value = Number(value);
      cell.exemplar = decodeExemplar(exemplar);
      cell.startedAt = cellTimeOf(startedAt);
      if (sample !== undefined) cell.sample = decodeSample(sample);
      return cell;
    },
  },
  gauge: {
    encode: (cell) => [encodeNumber(cell.read())],
    decode([value]) {
      const cell = new GaugeCell();
      cell.value = Number(value);
      return cell;
    },
  },
  histogram: {
    encode(cell) {
      const { native } = cell;
      return [
        encodeNumber(cell.sum),
        cell.counts(),
        native && [native.schema, native.maxBuckets, native.zeros, native.first, native.counts],
        encodeExemplars(cell.exemplars),
        unixTimeOf(cell.startedAt),
      ];
    },
    decode([sum, counts, native, exemplars, startedAt], bounds, store) {
      if (counts.length !== bounds.length + 1) {
        throw new TypeError(
          'A worker sent a histogram whose counts do not match its buckets, so the sum lacks it. Use one version of thrift-metrics in all processes.',
        );
      }
      const shape = store.shapeOf(bounds);
      const cell = store.create(shape);
      cell.startedAt = cellTimeOf(startedAt);
      cell.sum = Number(sum);
      cell.setBuckets(shape, counts);
      cell.native = native && decodeNative(native);
      for (const [bucket, exemplar] of exemplars) {
        (cell.exemplars ??= [])[bucket] = decodeExemplar(exemplar) ?? undefined;
      }
      return cell;
    },
  },
  summary: {
    encode(cell) {
      const window = cell.window();
      return [
        encodeNumber(cell.sum),
        cell.count,
        window.zeros,
        [...window.entries()],
        unixTimeOf(cell.startedAt),
      ];
    },
    decode([sum, count, zeros, bins, startedAt], quantiles) {
      const window = QuantileSketch.of(zeros, bins);
      const cell = SummaryCell.of(quantiles, count, Number(sum), window);
      cell.startedAt = cellTimeOf(startedAt);
      return cell;
    },
  },
};

export function encodeCell<T extends CellType>(type: T, cell: CellOf[T]): EncodedCellOf[T] {
  return CODECS[type].encode(cell);
}

/**
 * Returns a new cell that shares nothing with its encoding, so it can be written to.
 *
 * @param points bounds of a histogram, quantiles of a summary
 * @param store creates a histogram
 * @throws {TypeError} if the encoding does not have the form of its type
 */
export function decodeCell<T extends CellType>(
  type: T,
  encoded: EncodedCellOf[T],
  points: readonly number[],
  store: HistogramStore,
): CellOf[T] {
  return CODECS[type].decode(encoded, points, store);
}

export function encodeNumber(value: number): EncodedNumber {
  return Number.isFinite(value) ? value : String(value);
}

function encodeSample(sample: ErrorSample | null): [EncodedSample] | [] {
  if (sample === null || sample.time === 0) return [];
  const { message, stack, time, process } = sample;
  return [[message, stack, time, process]];
}

function decodeSample([message, stack, time, process]: EncodedSample): ErrorSample {
  return { message, stack, time, process, due: 0 };
}

function encodeExemplar(exemplar: Exemplar | null): EncodedExemplar | null {
  return exemplar && [exemplar.labels, encodeNumber(exemplar.value), exemplar.timestamp];
}

function encodeExemplars(exemplars: HistogramCell['exemplars']): [number, EncodedExemplar][] {
  const encoded: [number, EncodedExemplar][] = [];
  exemplars?.forEach((exemplar, bucket) => {
    if (exemplar !== undefined) encoded.push([bucket, encodeExemplar(exemplar) as EncodedExemplar]);
  });
  return encoded;
}

function decodeExemplar(encoded: EncodedExemplar | null): Exemplar | null {
  return encoded && { labels: encoded[0], value: Number(encoded[1]), timestamp: encoded[2] };
}

function decodeNative([schema, maxBuckets, zeros, first, counts]: EncodedNative): NativeBuckets {
  const native = new NativeBuckets(schema, maxBuckets);
  native.merge({ schema, zeros, first, counts });
  return native;
}
