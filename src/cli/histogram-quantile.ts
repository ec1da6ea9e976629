/**
 * The quantile that a histogram's buckets tell, as `histogram_quantile` of Prometheus computes it: by linear
 * interpolation within the bucket that holds it.
 *
 * @param buckets How many observations each upper bound counts, those of lower bounds included; with `Infinity`.
 * @returns `null` when nothing was observed; the highest finite bound when the quantile is above it.
 */
export function histogramQuantile(
  quantile: number,
  buckets: ReadonlyMap<number, number>,
): number | null {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b);
  const total = buckets.get(Infinity) ?? 0;
  if (total <= 0 || sorted.length < 2) return null;
  const rank = quantile * total;
  const at = sorted.findIndex(([, count]) => count >= rank);
  const [bound, count] = sorted[at] as [number, number];
  const [lower, below] = sorted[at - 1] ?? [Math.min(0, bound), 0];
  if (bound === Infinity) return lower;
  if (at === 0 && bound <= 0) return bound;
  return lower + (bound - lower) * ((rank - below) / (count - below || 1));
}
