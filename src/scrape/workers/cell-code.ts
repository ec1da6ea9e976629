import { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import type { Exemplar } from '../../metrics/exemplar';
import type { CellOf, CellType } from '../../metrics/family';
import { NativeBuckets } from '../../metrics/native-buckets';
import { QuantileSketch } from '../../metrics/sketch';
import { SummaryCell } from '../../metrics/summary-cell';

/** JSON has neither NaN nor infinities: they are sent by name. */
export type NumberCode = number | string;

type ExemplarCode = readonly [labels: Exemplar['labels'], value: NumberCode, timestamp: number];
type NativeCode = readonly [
  schema: number,
  maxBuckets: number,
  zeros: number,
  first: number,
  counts: number[],
];

/** A cell as it is sent: bounds and quantiles stand with the family. */
interface CodeOf {
  counter: readonly [value: NumberCode, exemplar: ExemplarCode | null];
  gauge: readonly [value: NumberCode];
  histogram: readonly [
    sum: NumberCode,
    counts: readonly number[],
    native: NativeCode | null,
    exemplars: readonly (readonly [bucket: number, exemplar: ExemplarCode])[],
  ];
  summary: readonly [
    sum: NumberCode,
    count: number,
    zeros: number,
    bins: readonly (readonly [bin: number, count: number])[],
  ];
}

export type CellCode = CodeOf[CellType];

type Coders = {
  readonly [T in CellType]: {
    encode(cell: CellOf[T]): CodeOf[T];
    decode(code: CodeOf[T], points: readonly number[]): CellOf[T];
  };
};

const CODERS: Coders = {
  counter: {
    encode: (cell) => [encodeNumber(cell.read()), encodeExemplar(cell.exemplar)],
    decode([value, exemplar]) {
      const cell = new CounterCell();
      cell.value = Number(value);
      cell.exemplar = decodeExemplar(exemplar);
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
    encode: ({ sum, counts, native, exemplars }) => [
      encodeNumber(sum),
      counts,
      native && [native.schema, native.maxBuckets, native.zeros, native.first, native.counts],
      encodeExemplars(exemplars),
    ],
    decode([sum, counts, native, exemplars], bounds) {
      if (counts.length !== bounds.length + 1) throw new TypeError('not a count for each bucket');
      const cell = new HistogramCell(bounds);
      cell.sum = Number(sum);
      cell.counts = counts.slice();
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
      return [encodeNumber(cell.sum), cell.count, window.zeros, [...window.entries()]];
    },
    decode: ([sum, count, zeros, bins], quantiles) =>
      SummaryCell.of(quantiles, count, Number(sum), QuantileSketch.of(zeros, bins)),
  },
};

export function encodeCell<T extends CellType>(type: T, cell: CellOf[T]): CodeOf[T] {
  return CODERS[type].encode(cell);
}

/** A cell of its own: it may be written to. */
export function decodeCell<T extends CellType>(
  type: T,
  code: CodeOf[T],
  points: readonly number[],
): CellOf[T] {
  return CODERS[type].decode(code, points);
}

export function encodeNumber(value: number): NumberCode {
  return Number.isFinite(value) ? value : String(value);
}

function encodeExemplar(exemplar: Exemplar | null): ExemplarCode | null {
  return exemplar && [exemplar.labels, encodeNumber(exemplar.value), exemplar.timestamp];
}

function encodeExemplars(exemplars: HistogramCell['exemplars']): [number, ExemplarCode][] {
  const codes: [number, ExemplarCode][] = [];
  exemplars?.forEach((exemplar, bucket) => {
    if (exemplar !== undefined) codes.push([bucket, encodeExemplar(exemplar) as ExemplarCode]);
  });
  return codes;
}

function decodeExemplar(code: ExemplarCode | null): Exemplar | null {
  return code && { labels: code[0], value: Number(code[1]), timestamp: code[2] };
}

function decodeNative([schema, maxBuckets, zeros, first, counts]: NativeCode): NativeBuckets {
  const native = new NativeBuckets(schema, maxBuckets);
  native.merge({ schema, zeros, first, counts });
  return native;
}
