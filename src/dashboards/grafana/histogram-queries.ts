import { bucketMatcher } from '../bucket-matcher';
import { OF_METHOD, RATE_INTERVAL, shareOf, sumOfRate } from './promql';

/** A histogram as queries need it. */
export interface Histogram {
  readonly name: string;
  /**
   * Whether it has native buckets, too. Which kind Prometheus has of it depends on how it scrapes, so that the queries
   * ask for both: native buckets come with protobuf only, and in their place classic ones are not stored.
   */
  readonly native: boolean;
}

/** A quantile of each label set; none where nothing was observed. */
export function quantileOf(
  { name, native }: Histogram,
  quantile: number,
  by: string,
  range = RATE_INTERVAL,
  selector = OF_METHOD,
): string {
  const classic = `histogram_quantile(${quantile}, ${sumOfRate(`${by}, le`, `${name}_bucket{${selector}}`, range)})`;
  if (!native) return classic;
  return `(histogram_quantile(${quantile}, ${sumOfRate(by, `${name}{${selector}}`, range)}) or ${classic})`;
}

/** How many were observed per second. */
export function countOf(
  { name, native }: Histogram,
  by: string,
  range = RATE_INTERVAL,
  selector = OF_METHOD,
): string {
  const classic = sumOfRate(by, `${name}_count{${selector}}`, range);
  if (!native) return classic;
  return `(histogram_count(${sumOfRate(by, `${name}{${selector}}`, range)}) or ${classic})`;
}

/** The share of observations above one of the classic bounds. Of native buckets it is interpolated. */
export function shareAbove(
  histogram: Histogram,
  bound: number,
  by: string,
  range: string,
  selector: string,
): string {
  const { name, native } = histogram;
  const all = sumOfRate(by, `${name}_count{${selector}}`, range);
  const within = sumOfRate(by, `${name}_bucket{${selector}, ${bucketMatcher(bound)}}`, range);
  const classic = shareOf(`(${all} - ${within})`, all);
  if (!native) return classic;
  const buckets = sumOfRate(by, `${name}{${selector}}`, range);
  const count = `histogram_count(${buckets})`;
  const above = `(1 - histogram_fraction(0, ${bound}, ${buckets})) and ${count} > 0`;
  return `(${above} or 0 * ${count} or ${classic})`;
}

/** How many fell into each bucket, of the methods that each of the selectors selects. */
export function bucketsOf(
  { name, native }: Histogram,
  selectors: readonly string[] = [OF_METHOD],
): string {
  const increases = (metric: string): string =>
    selectors.map((selector) => `increase(${metric}{${selector}}[${RATE_INTERVAL}])`).join(' or ');
  const classic = `sum by (le) (${increases(`${name}_bucket`)})`;
  return native ? `sum(${increases(name)}) or on () ${classic}` : classic;
}
