/**
 * A quantile of a histogram, computed as `histogram_quantile` of Prometheus does: values are taken to lie evenly within
 * their bucket, the first bucket to begin at 0, and whoever is above the last bound to be at it.
 *
 * @param bounds ascending, without the infinite one
 * @param counts how many values each bucket has, not cumulative, one more than bounds
 * @returns null when there are no values
 */
export function histogramQuantile(
  q: number,
  bounds: readonly number[],
  counts: readonly number[],
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = q * total;
  let below = 0;
  let bucket = 0;
  while (bucket < bounds.length && below + (counts[bucket] as number) < rank) {
    below += counts[bucket++] as number;
  }
  if (bucket === bounds.length) return bounds.at(-1) as number;
  const end = bounds[bucket] as number;
  if (bucket === 0 && end <= 0) return end;
  const start = bucket === 0 ? 0 : (bounds[bucket - 1] as number);
  return start + (end - start) * ((rank - below) / (counts[bucket] as number));
}
