import type { Aggregator, CellType } from '../metrics/family';
import type { CellCode } from './cell-code';

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
