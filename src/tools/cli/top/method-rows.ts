import { histogramQuantile } from '../../../metrics/histogram-quantile';
import { outcomeSources, showsBadCalls } from '../../../slo/outcome';
import { groupBy } from '../../group-by';
import { isGauge, type SeriesChange } from './instance';

/** The figures of one method. A figure is null if no metric provides it, or if there were no calls. */
export interface MethodRow {
  readonly service: string;
  readonly method: string;
  /** Calls per second. */
  readonly rate: number | null;
  /** Fraction of calls that failed, from 0 to 1. */
  readonly failedRatio: number | null;
  /** Fraction of calls that failed otherwise than by a declared exception. */
  readonly badRatio: number | null;
  readonly p50: Latency | null;
  readonly p95: Latency | null;
  readonly p99: Latency | null;
  /** Calls in progress. */
  readonly inFlight: number | null;
  /** Age of the oldest call in progress, in seconds. 0 if there is none. */
  readonly oldest: number | null;
}

/** A percentile of the latency. */
export interface Latency {
  /** As `histogram_quantile` of Prometheus computes it. */
  readonly seconds: number;
  /** A bucket without another bound says only on which side of its own bound the percentile is. */
  readonly side: 'below' | 'within' | 'above';
  /** That bound, in seconds. */
  readonly bound: number;
}

/** What all methods did together. */
export interface Totals extends Omit<MethodRow, 'service' | 'method'> {
  readonly methods: number;
}

/** Sums the series of each method over instances and custom labels. */
export function methodRowsOf(changes: readonly SeriesChange[]): MethodRow[] {
  const methods = groupBy(changes, ({ service, method }) => JSON.stringify([service, method]));
  return [...methods.values()].map(rowOf);
}

/** Sums everything that all methods did. */
export function totalsOf(changes: readonly SeriesChange[]): Totals {
  const methods = new Set(changes.map(({ service, method }) => JSON.stringify([service, method])));
  return { methods: methods.size, ...figuresOf(changes) };
}

function rowOf(changes: readonly SeriesChange[]): MethodRow {
  const [{ service, method }] = changes as [SeriesChange];
  return { service, method, ...figuresOf(changes) };
}

function figuresOf(changes: readonly SeriesChange[]): Omit<MethodRow, 'service' | 'method'> {
  const inFlight = changes.filter(({ kind }) => kind === 'inFlight');
  const ages = changes.filter(({ kind }) => kind === 'oldest').map(({ values }) => total(values));
  // Skips the first scrape, in which counters cover the whole life of the process.
  const recent = changes.filter(({ kind, seconds }) => !isGauge(kind) && seconds > 0);
  const ofKind = (wanted: string): SeriesChange[] => recent.filter(({ kind }) => kind === wanted);
  const timed = ofKind('timed');
  const errors = ofKind('errorsCounted');
  const kinds = recent.flatMap(({ kind }) => (isGauge(kind) ? [] : [kind]));
  const sources = outcomeSources(new Set(kinds));
  const calls = sources.calls === 'counted' ? ofKind('counted') : timed;
  const failures =
    sources.failures === 'errorsCounted' ? errors : timed.filter(({ failed }) => failed);
  const buckets = sumBuckets(timed);
  return {
    rate: finite(sumRates(calls)),
    failedRatio: finite(sources.failures === null ? null : ratio(failures, calls)),
    badRatio: finite(
      showsBadCalls(sources, false)
        ? ratio(
            errors.filter(({ bad }) => bad),
            calls,
          )
        : null,
    ),
    p50: latencyOf(0.5, buckets),
    p95: latencyOf(0.95, buckets),
    p99: latencyOf(0.99, buckets),
    inFlight: finite(inFlight.length === 0 ? null : sumValues(inFlight)),
    oldest: finite(ages.length === 0 ? null : Math.max(...ages)),
  };
}

/** An endpoint may serve NaN or infinity, from which no figure follows. */
function finite(figure: number | null): number | null {
  return Number.isFinite(figure) ? figure : null;
}

function latencyOf(quantile: number, buckets: ReadonlyMap<number, number>): Latency | null {
  const seconds = finite(quantileOfBuckets(quantile, buckets));
  if (seconds === null) return null;
  const bounds = [...buckets.keys()].filter(Number.isFinite);
  const [first, last] = [Math.min(...bounds), Math.max(...bounds)];
  const rank = quantile * (buckets.get(Infinity) ?? 0);
  if (rank <= (buckets.get(first) ?? 0)) return { seconds, side: 'below', bound: first };
  if (rank > (buckets.get(last) ?? 0)) return { seconds, side: 'above', bound: last };
  return { seconds, side: 'within', bound: seconds };
}

function sumRates(changes: readonly SeriesChange[]): number | null {
  if (changes.length === 0) return null;
  return changes.reduce((sum, { values, seconds }) => sum + total(values) / seconds, 0);
}

function ratio(part: readonly SeriesChange[], calls: readonly SeriesChange[]): number | null {
  const all = sumValues(calls);
  return all === 0 ? null : Math.max(0, Math.min(1, sumValues(part) / all));
}

function sumValues(changes: readonly SeriesChange[]): number {
  return changes.reduce((sum, { values }) => sum + total(values), 0);
}

function total(values: ReadonlyMap<number, number>): number {
  return values.get(Infinity) ?? 0;
}

/** Sums the buckets at the bounds that all series share, where the sum is exact. */
function sumBuckets(series: readonly SeriesChange[]): Map<number, number> {
  const [first, ...others] = series;
  const bounds = [...(first?.values.keys() ?? [])];
  const shared = bounds.filter((bound) => others.every(({ values }) => values.has(bound)));
  return new Map(
    shared.map((bound) => [
      bound,
      series.reduce((sum, { values }) => sum + (values.get(bound) ?? 0), 0),
    ]),
  );
}

/**
 * Computes a quantile of scraped buckets.
 *
 * @param buckets cumulative counts by upper bound, including `Infinity`
 * @returns null if nothing was observed, or if there is no finite bound
 */
export function quantileOfBuckets(
  quantile: number,
  buckets: ReadonlyMap<number, number>,
): number | null {
  const sorted = [...buckets]
    .filter(([bound]) => !Number.isNaN(bound))
    .toSorted(([a], [b]) => a - b);
  if (sorted.length < 2) return null;
  const counts = sorted.map(([, count], i) => count - (sorted[i - 1]?.[1] ?? 0));
  const bounds = sorted.slice(0, -1).map(([bound]) => bound);
  return histogramQuantile(quantile, bounds, counts);
}
