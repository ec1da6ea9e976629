import type { HistogramCell } from '../metrics/histogram-cell';
import type { BucketCounts } from '../metrics/native-buckets';
import type { ExponentialHistogramValue, HistogramValue } from './metric-data';

/** The observations of a histogram at one moment, or those between two moments. */
export interface HistogramSnapshot {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
  readonly native: BucketCounts | null;
}

export function snapshotOf(cell: HistogramCell): HistogramSnapshot {
  const { bounds, sum, native } = cell;
  return {
    bounds,
    counts: cell.counts(),
    sum,
    native: native === null ? null : copyOf(native),
  };
}

export function countOf({ counts }: HistogramSnapshot): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Returns the observations of `whole` that are not in `part`. Each observation of `part` is also one of `whole`, whose
 * buckets are at most as fine: a sum of series keeps only the bounds that all of them have.
 */
export function subtract(whole: HistogramSnapshot, part: HistogramSnapshot): HistogramSnapshot {
  const subtracted = coarsened(part, whole.bounds);
  const counts = whole.counts.map((count, i) => count - (subtracted[i] as number));
  const isEmpty = counts.every((count) => count === 0);
  return {
    bounds: whole.bounds,
    counts,
    // Rounding must not leave a sum without observations.
    sum: isEmpty ? 0 : whole.sum - part.sum,
    native:
      whole.native === null || part.native === null
        ? whole.native
        : subtractNative(whole.native, part.native),
  };
}

/** The counts of a snapshot in the buckets of these bounds, which are some of its own. */
function coarsened(
  { bounds, counts }: HistogramSnapshot,
  fewer: readonly number[],
): readonly number[] {
  if (bounds.length === fewer.length) return counts;
  const merged = [...fewer, Infinity].map(() => 0);
  let at = 0;
  counts.forEach((count, i) => {
    while (at < fewer.length && (bounds[i] ?? Infinity) > (fewer[at] as number)) at++;
    merged[at] = (merged[at] as number) + count;
  });
  return merged;
}

function copyOf({ schema, zeros, first, counts }: BucketCounts): BucketCounts {
  return { schema, zeros, first, counts: counts.slice() };
}

function subtractNative(whole: BucketCounts, part: BucketCounts): BucketCounts {
  const rest = copyOf(whole);
  rest.zeros -= part.zeros;
  const factor = 2 ** (part.schema - whole.schema);
  part.counts.forEach((count, i) => {
    const at = Math.ceil((part.first + i) / factor) - whole.first;
    if (count !== 0) rest.counts[at] = (rest.counts[at] as number) - count;
  });
  return rest;
}

export function explicitValue(snapshot: HistogramSnapshot): HistogramValue {
  const { bounds, counts, sum } = snapshot;
  return {
    buckets: { boundaries: bounds.slice(), counts: counts.slice() },
    sum,
    count: countOf(snapshot),
  };
}

/**
 * Converts native buckets. Bucket `i` of Prometheus is bucket `i - 1` of OpenTelemetry: both contain values above its lower
 * and up to its upper bound, and Prometheus numbers it by the upper one.
 */
export function exponentialValue(native: BucketCounts, sum: number): ExponentialHistogramValue {
  let from = 0;
  let to = native.counts.length;
  while (from < to && native.counts[from] === 0) from++;
  while (to > from && native.counts[to - 1] === 0) to--;
  const bucketCounts = native.counts.slice(from, to);
  return {
    count: bucketCounts.reduce((total, count) => total + count, native.zeros),
    sum,
    scale: native.schema,
    zeroCount: native.zeros,
    positive: { offset: to > from ? native.first + from - 1 : 0, bucketCounts },
    negative: { offset: 0, bucketCounts: [] },
  };
}
