import type { CounterCell } from '../../metrics/cell';
import type { Aggregator, CellType, FamilyView, Series } from '../../metrics/family';
import type { HistogramCell } from '../../metrics/histogram-cell';
import type { LabelNames } from '../../metrics/label-names';
import type { Labels } from '../../metrics/labels';
import type { SummaryCell } from '../../metrics/summary-cell';
import { MergedLabels } from '../merged-labels';
import { encodeCell, type EncodedCell } from './encoded-cell';

/** Series of one family that all have the same bounds or quantiles. */
export interface EncodedFamily {
  readonly name: string;
  readonly type: CellType;
  readonly help: string;
  readonly aggregator: Aggregator;
  /** Bounds of a histogram, quantiles of a summary. */
  readonly points: readonly number[];
  readonly series: readonly EncodedSeries[];
  /** The names under which the sender shows built-in labels, by their built-in names. Absent if it renames none. */
  readonly labelNames?: Readonly<Record<string, string>> | undefined;
}

/** The labels are in the form of a text line, with built-in names, and include the default labels. */
type EncodedSeries = readonly [labels: string, cell: EncodedCell];

const TYPES: readonly unknown[] = ['counter', 'gauge', 'histogram', 'summary'] satisfies CellType[];

/**
 * Parses the body of a message. The series are checked only when they are decoded.
 *
 * @throws {TypeError} if the body does not have families
 */
export function parseFamilies(body: string): EncodedFamily[] {
  const families: unknown = JSON.parse(body);
  if (!Array.isArray(families) || !families.every(isFamily)) {
    throw new TypeError(
      'A worker sent metrics that cannot be read, so the sum lacks them. Use one version of thrift-metrics in all processes.',
    );
  }
  return families;
}

function isFamily(value: unknown): value is EncodedFamily {
  if (typeof value !== 'object' || value === null) return false;
  const { name, type, help, aggregator, points, series, labelNames } = value as Record<
    string,
    unknown
  >;
  return (
    typeof name === 'string' &&
    typeof help === 'string' &&
    TYPES.includes(type) &&
    (aggregator === 'sum' || aggregator === 'max') &&
    Array.isArray(points) &&
    Array.isArray(series) &&
    (labelNames === undefined || (typeof labelNames === 'object' && labelNames !== null))
  );
}

/** Approximate number of numbers in a chunk: as many as are encoded, or added to a sum, within a time budget. */
const CHUNK_SIZE = 1000;
/** The size of the labels of a series or an exemplar, in numbers that take as long to encode. */
const LABELS_SIZE = 8;
/** The size of a sample of an error. */
const SAMPLE_SIZE = 20;
/** The size of the bins of a summary. */
const BINS_SIZE = 50;

const NO_POINTS: readonly number[] = [];

/** Encodes all series of the families in chunks. The caller must use a chunk before any of its cells changes. */
export function* encodeFamilies(
  families: Iterable<FamilyView>,
  defaultLabels: Labels,
  labelNames: LabelNames,
): Generator<EncodedFamily[]> {
  const labels = new MergedLabels(defaultLabels);
  let chunk: EncodedFamily[] = [];
  let size = 0;
  for (const family of families) {
    const { type } = family;
    let part: EncodedPart | null = null;
    for (const series of family.shown()) {
      const points = pointsOf(type, series);
      if (part === null || part.points !== points) {
        part = encodeHeader(family, points, labelNames);
        chunk.push(part);
      }
      part.series.push([labels.of(series), encodeCell(type, series.cell)]);
      size += sizeOf(type, series);
      if (size < CHUNK_SIZE) continue;
      yield chunk;
      chunk = [];
      part = null;
      size = 0;
    }
    // Keeps the help and type of a family without series.
    if (family.size === 0) chunk.push(encodeHeader(family, NO_POINTS, labelNames));
  }
  if (chunk.length > 0) yield chunk;
}

interface EncodedPart extends EncodedFamily {
  readonly series: EncodedSeries[];
}

function encodeHeader(
  family: FamilyView,
  points: readonly number[],
  { isDefault, mapping }: LabelNames,
): EncodedPart {
  const { registeredName: name, type, help, aggregator } = family;
  const names = isDefault ? {} : { labelNames: mapping };
  return { name, type, help, aggregator, points, series: [], ...names };
}

function pointsOf(type: CellType, { cell }: Series): readonly number[] {
  if (type === 'histogram') return (cell as HistogramCell).bounds;
  return type === 'summary' ? (cell as SummaryCell).quantiles : NO_POINTS;
}

function sizeOf(type: CellType, { cell }: Series): number {
  if (type === 'summary') return LABELS_SIZE + BINS_SIZE;
  if (type === 'counter' && (cell as CounterCell).sample !== null) return LABELS_SIZE + SAMPLE_SIZE;
  if (type !== 'histogram') return LABELS_SIZE + 1;
  const { bounds, native, exemplars } = cell as HistogramCell;
  return (
    LABELS_SIZE * (1 + (exemplars?.length ?? 0)) + bounds.length + 1 + (native?.counts.length ?? 0)
  );
}
