import { histogramQuantile } from '../../../metrics/histogram-quantile';
import { outcomeSources, showsBadCalls } from '../../../slo/outcome';
import { groupBy } from '../../group-by';
import type { SeriesChange } from './instance';

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
  /** In seconds, like the other percentiles. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Calls in progress. */
  readonly inFlight: number | null;
}

/** Sums the series of each method over instances and custom labels. */
export function methodRowsOf(changes: readonly SeriesChange[]): MethodRow[] {
  const methods = groupBy(changes, ({ service, method }) => JSON.stringify([service, method]));
  return [...methods.values()].map(rowOf);
}

function rowOf(changes: readonly SeriesChange[]): MethodRow {
  const [{ service, method }] = changes as [SeriesChange];
  const inFlight = changes.filter(({ kind }) => kind === 'inFlight');
  // Skips the first scrape, in which counters cover the whole life of the process.
  const recent = changes.filter(({ kind, seconds }) => kind !== 'inFlight' && seconds > 0);
  const ofKind = (wanted: string): SeriesChange[] => recent.filter(({ kind }) => kind === wanted);
  const timed = ofKind('timed');
  const errors = ofKind('errorsCounted');
  const sources = outcomeSources(new Set(recent.map(({ kind }) => kind)));
  const calls = sources.calls === 'counted' ? ofKind('counted') : timed;
  const failures =
    sources.failures === 'errorsCounted' ? errors : timed.filter(({ failed }) => failed);
  const buckets = sumBuckets(timed);
  return {
    service,
    method,
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
    p50: finite(quantileOfBuckets(0.5, buckets)),
    p95: finite(quantileOfBuckets(0.95, buckets)),
    p99: finite(quantileOfBuckets(0.99, buckets)),
    inFlight: finite(inFlight.length === 0 ? null : sumValues(inFlight)),
  };
}

/** An endpoint may serve NaN or infinity, from which no figure follows. */
function finite(figure: number | null): number | null {
  return Number.isFinite(figure) ? figure : null;
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
