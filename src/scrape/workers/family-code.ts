import type { HistogramCell } from '../../metrics/cell';
import type { Aggregator, CellType, FamilyView, Series } from '../../metrics/family';
import type { Labels } from '../../metrics/labels';
import type { SummaryCell } from '../../metrics/summary-cell';
import { MergedLabels } from '../writer';
import { type CellCode, encodeCell } from './cell-code';

/** Series of one family, which has the same bounds or quantiles for all of them. */
export interface EncodedFamily {
  readonly name: string;
  readonly type: CellType;
  readonly help: string;
  readonly aggregator: Aggregator;
  /** Bounds of a histogram, quantiles of a summary. */
  readonly points: readonly number[];
  /** Each with its labels as they stand in a text line, default labels included. */
  readonly series: readonly EncodedSeries[];
}

export type EncodedSeries = readonly [labels: string, cell: CellCode];

const TYPES: readonly unknown[] = ['counter', 'gauge', 'histogram', 'summary'] satisfies CellType[];

/**
 * Families as they were sent.
 *
 * @throws {TypeError} when they are none; series are looked at when they are decoded.
 */
export function parseFamilies(body: string): EncodedFamily[] {
  const families: unknown = JSON.parse(body);
  if (!Array.isArray(families) || !families.every(isFamily)) throw new TypeError('no families');
  return families;
}

function isFamily(value: unknown): value is EncodedFamily {
  if (typeof value !== 'object' || value === null) return false;
  const { name, type, help, aggregator, points, series } = value as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    typeof help === 'string' &&
    TYPES.includes(type) &&
    (aggregator === 'sum' || aggregator === 'max') &&
    Array.isArray(points) &&
    Array.isArray(series)
  );
}

/** About how many numbers a chunk has: as many as are encoded, or added, within a slice. */
const CHUNK = 1000;
/** What the labels of a series, or of an exemplar, count for. */
const LABELS = 8;
/** What the bins of a summary's window count for. */
const BINS = 50;

const NO_POINTS: readonly number[] = [];

/** All series of some families, chunk by chunk. A chunk must be used before any of its cells is written to. */
export function* encodeFamilies(
  families: Iterable<FamilyView>,
  defaultLabels: Labels,
): Generator<EncodedFamily[]> {
  const labels = new MergedLabels(defaultLabels);
  let chunk: EncodedFamily[] = [];
  let size = 0;
  for (const family of families) {
    const { type } = family;
    let part: EncodedPart | null = null;
    for (const series of family.series()) {
      const points = pointsOf(type, series);
      if (part === null || part.points !== points) chunk.push((part = begin(family, points)));
      part.series.push([labels.of(series), encodeCell(type, series.cell)]);
      size += sizeOf(type, series);
      if (size < CHUNK) continue;
      yield chunk;
      chunk = [];
      part = null;
      size = 0;
    }
    // Also without series it has a help and a type.
    if (family.size === 0) chunk.push(begin(family, NO_POINTS));
  }
  if (chunk.length > 0) yield chunk;
}

interface EncodedPart extends EncodedFamily {
  readonly series: EncodedSeries[];
}

function begin(family: FamilyView, points: readonly number[]): EncodedPart {
  const { registeredName: name, type, help, aggregator } = family;
  return { name, type, help, aggregator, points, series: [] };
}

function pointsOf(type: CellType, { cell }: Series): readonly number[] {
  if (type === 'histogram') return (cell as HistogramCell).bounds;
  return type === 'summary' ? (cell as SummaryCell).quantiles : NO_POINTS;
}

function sizeOf(type: CellType, { cell }: Series): number {
  if (type === 'summary') return LABELS + BINS;
  if (type !== 'histogram') return LABELS + 1;
  const { counts, native, exemplars } = cell as HistogramCell;
  return LABELS * (1 + (exemplars?.length ?? 0)) + counts.length + (native?.counts.length ?? 0);
}
