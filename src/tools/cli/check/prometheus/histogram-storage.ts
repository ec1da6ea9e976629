import type { PrometheusApi, Result } from './prometheus-api';

/** How Prometheus stores a histogram. `none`: it has no series. */
export type StoredAs = 'classic' | 'native' | 'both' | 'native with custom buckets' | 'none';

/** Finds out how Prometheus stores a histogram. */
export async function storageOf(
  api: PrometheusApi,
  name: string,
  hasNativeFunctions: boolean,
): Promise<StoredAs> {
  const hasClassic = (await api.ask(`count(${name}_bucket)`)).length > 0;
  if (!hasNativeFunctions) return hasClassic ? 'classic' : 'none';
  const native = await api.ask(`count(histogram_count(${name}))`);
  if (native.length === 0) return hasClassic ? 'classic' : 'none';
  if (hasClassic) return 'both';
  return (await api.ask(name)).some(hasCustomBuckets) ? 'native with custom buckets' : 'native';
}

/** Resolution of the finest exponential buckets: 2 to the power of 1/256. */
const FINEST = 256;

/** Whether a bound is not a power of the base of exponential buckets. A histogram without observations has no buckets. */
function hasCustomBuckets({ histogram }: Result): boolean {
  const bounds = (histogram?.[1].buckets ?? []).flatMap(([, left, right]) => [left, right]);
  return (
    bounds
      .map((bound) => Math.abs(Number(bound)))
      // The zero bucket of exponential buckets ends at its threshold, 2 to the power of -128 by default.
      .filter((bound) => Number.isFinite(bound) && bound > 1e-9)
      .some((bound) => {
        const power = Math.log2(bound) * FINEST;
        return Math.abs(power - Math.round(power)) > 1e-6;
      })
  );
}
