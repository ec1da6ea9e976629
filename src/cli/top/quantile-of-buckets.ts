import { histogramQuantile } from '../../histogram-quantile';

/**
 * A quantile of what the buckets of a scrape count.
 *
 * @param buckets How many observations each upper bound counts, those of lower bounds included; with `Infinity`.
 * @returns `null` when nothing was observed, or when there is no finite bound.
 */
export function quantileOfBuckets(
  quantile: number,
  buckets: ReadonlyMap<number, number>,
): number | null {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b);
  if (sorted.length < 2) return null;
  const counts = sorted.map(([, count], i) => count - (sorted[i - 1]?.[1] ?? 0));
  const bounds = sorted.slice(0, -1).map(([bound]) => bound);
  return histogramQuantile(quantile, bounds, counts);
}
