import { mustBe } from '../validation/checks';
import { bucketMatcher } from './promql';

/**
 * The ways of storing histograms in Prometheus that expressions read: `any` reads classic buckets, native ones, both, and
 * native ones with custom buckets. `classic` leaves out the functions of native histograms, which other databases lack.
 */
export type HistogramStorage = 'any' | 'classic';

/** Checks the option `histograms`. */
export const checkHistogramStorage = mustBe(
  (value) => value === 'any' || value === 'classic',
  "'any' or 'classic'",
);

export type RangeFunction = 'rate' | 'increase';

/** The observations of one histogram in one time range. */
export interface HistogramRange {
  readonly name: string;
  /** Label matchers, without braces. May be empty. */
  readonly matchers: string;
  /** A range and perhaps an offset, such as `30m offset 1d`. */
  readonly range: string;
  /** Labels to sum by. */
  readonly by: string;
  /** @default 'rate' */
  readonly of?: RangeFunction;
}

/** Sums the rate or the increase of a counter. `range` may have an offset. */
export function sumOverRange(
  series: string,
  { by, of = 'rate', range }: Pick<HistogramRange, 'by' | 'of' | 'range'>,
): string {
  return `sum by (${by}) (${overRange(of, series, range)})`;
}

/** Applies a function to the samples in a range, which may have an offset. */
export function overRange(of: string, series: string, range: string): string {
  const [window, ...offset] = range.split(' ');
  return `${of}(${[`${series}[${window}]`, ...offset].join(' ')})`;
}

/** Counts the observations. */
export function countOf(histogram: HistogramRange, storage: HistogramStorage): string {
  const classic = classicCount(histogram);
  return storage === 'classic' ? classic : `(${nativeCount(histogram)} or ${classic})`;
}

/** Computes a quantile. The result is NaN without observations. */
export function quantileOf(
  histogram: HistogramRange,
  quantile: number,
  storage: HistogramStorage,
): string {
  const { by, name, matchers } = histogram;
  const buckets = sumOverRange(`${name}_bucket{${matchers}}`, { ...histogram, by: `${by}, le` });
  const classic = `histogram_quantile(${quantile}, ${buckets})`;
  if (storage === 'classic') return classic;
  return `(histogram_quantile(${quantile}, ${native(histogram)}) or ${classic})`;
}

/**
 * Counts the observations above a bound, which must be one of the classic buckets. Native buckets have other bounds, so
 * Prometheus interpolates between them.
 */
export function countAbove(
  histogram: HistogramRange,
  bound: number,
  storage: HistogramStorage,
): string {
  const { name, matchers } = histogram;
  const within = [matchers, bucketMatcher(bound)].filter((matcher) => matcher !== '').join(',');
  const fast = sumOverRange(`${name}_bucket{${within}}`, histogram);
  const classic = `(${classicCount(histogram)} - ${fast})`;
  if (storage === 'classic') return classic;
  const all = nativeCount(histogram);
  // Without observations the fraction is NaN, which the comparison drops and the zero replaces.
  const slow = `${all} * (1 - histogram_fraction(0, ${bound}, ${native(histogram)})) >= 0`;
  return `(${slow} or 0 * ${all} or ${classic})`;
}

function classicCount(histogram: HistogramRange): string {
  return sumOverRange(`${histogram.name}_count{${histogram.matchers}}`, histogram);
}

function nativeCount(histogram: HistogramRange): string {
  return `histogram_count(${native(histogram)})`;
}

function native(histogram: HistogramRange): string {
  return sumOverRange(`${histogram.name}{${histogram.matchers}}`, histogram);
}
