/**
 * Computes a quantile of a histogram like `histogram_quantile` of Prometheus: values are distributed evenly within their
 * bucket, the first bucket begins at 0, and values above the last bound count as that bound.
 *
 * @param bounds upper bounds in ascending order, without +Inf
 * @param counts observations per bucket, not cumulative; one more entry than `bounds`
 * @returns null if there are no observations
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
