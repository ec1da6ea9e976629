import { histogramQuantile } from '../../../metrics/histogram-quantile';
import { watchedHangAge } from '../../../slo/hang';
import { isBad, outcomeSources, showsBadCalls } from '../../../slo/outcome';
import type { Urgency } from '../../../slo/urgency';
import { groupBy } from '../../group-by';
import {
  countingKinds,
  isGauge,
  methodKeyOf,
  type MethodSeries,
  type SeriesChange,
} from './method-series';
import type { ObjectiveFigures } from './objective-budgets';

/** The figures of one method or client. A figure is null if no metric provides it, or if there were no calls. */
export interface MethodRow extends Omit<Urgency, 'p99'>, Figures {
  readonly service: string;
  /** The method, or the name of the client. */
  readonly method: string;
  readonly isClient: boolean;
  /** Whether every instance that served it no longer answers. */
  readonly isLost: boolean;
  readonly hasObjective: boolean;
  /** Whether the objective counts declared exceptions as errors. */
  readonly declaredExceptionsAreErrors: boolean;
}

/** What the metrics of a method, or of several, say. */
interface Figures {
  /** Calls per second. */
  readonly rate: number | null;
  /** Fraction of calls that failed, from 0 to 1. */
  readonly failedRatio: number | null;
  /** Fraction of calls that count against an objective: by default, not those with a declared exception. */
  readonly badRatio: number | null;
  /** Failed calls per second. */
  readonly failedRate: number | null;
  /** Bad calls per second. */
  readonly badRate: number | null;
  readonly p50: Latency | null;
  readonly p95: Latency | null;
  readonly p99: Latency | null;
  /** Calls in progress. */
  readonly inFlight: number | null;
  /** Age of the oldest call in progress, in seconds. 0 if there is none. */
  readonly oldest: number | null;
  /** Seconds per second for which the event loop is held: 1 is all of one event loop. */
  readonly loopShare: number | null;
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

/** What all methods did together, without the clients. */
export interface Totals extends Figures {
  readonly methods: number;
  readonly clients: number;
}

const NO_OBJECTIVES: ReadonlyMap<string, ObjectiveFigures> = new Map();

const NO_OBJECTIVE: ObjectiveFigures = {
  budget: null,
  latencyBound: null,
  declaredExceptionsAreErrors: false,
};

/** The series of each method and client, by its key. */
export function seriesByMethod(changes: readonly SeriesChange[]): Map<string, SeriesChange[]> {
  return groupBy(changes, methodKeyOf);
}

/** Sums the series of each method over instances and custom labels. */
export function methodRowsOf(
  methods: ReadonlyMap<string, readonly SeriesChange[]>,
  objectives: ReadonlyMap<string, ObjectiveFigures> = NO_OBJECTIVES,
): MethodRow[] {
  return [...methods].map(([key, changes]) => {
    const objective = objectives.get(key);
    const { budget, latencyBound, declaredExceptionsAreErrors } = objective ?? NO_OBJECTIVE;
    const [{ service, method, isClient }] = changes as [SeriesChange];
    return {
      service,
      method,
      isClient,
      isLost: false,
      ...figuresOf(changes, declaredExceptionsAreErrors),
      hasObjective: objective !== undefined,
      budget,
      latencyBound,
      declaredExceptionsAreErrors,
      hangAge: hangAgeOf(changes, latencyBound),
    };
  });
}

/** The row of a method of which nothing is known any more. */
export function lostRow({ service, method, isClient }: MethodSeries): MethodRow {
  return {
    service,
    method,
    isClient,
    isLost: true,
    ...figuresOf([], false),
    hasObjective: false,
    budget: null,
    latencyBound: null,
    declaredExceptionsAreErrors: false,
    hangAge: Infinity,
  };
}

/** Sums everything that methods did. */
export function totalsOf(
  rows: readonly MethodRow[],
  methods: ReadonlyMap<string, readonly SeriesChange[]>,
): Totals {
  const own = rows.filter(({ isClient }) => !isClient);
  const changes = own.flatMap((row) => methods.get(methodKeyOf(row)) ?? []);
  // Not summed by series: methods differ in the metrics that count their calls, and in the calls that are bad.
  const rate = sumOf(own.map((row) => row.rate));
  const failedRate = sumOf(own.map((row) => row.failedRate));
  const badRate = sumOf(own.map((row) => row.badRate));
  const ratioOf = (part: number | null): number | null =>
    part === null || rate === null || rate === 0 ? null : Math.min(1, part / rate);
  return {
    methods: own.length,
    clients: rows.length - own.length,
    ...figuresOf(changes, false),
    rate,
    failedRate,
    badRate,
    failedRatio: ratioOf(failedRate),
    badRatio: ratioOf(badRate),
  };
}

/** The sum of the known figures, or null if none is known. */
function sumOf(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((sum, figure) => sum + figure, 0);
}

/** Judges by all calls since the start of the process, because a hung call makes recent ones rare. */
function hangAgeOf(changes: readonly SeriesChange[], latencyBound: number | null): number {
  const timed = changes.filter(({ kind }) => kind === 'timed');
  const buckets = sumBuckets(timed.map(({ sinceStart }) => sinceStart));
  const bounds = [...buckets.keys()].filter(Number.isFinite);
  return watchedHangAge({
    latencyBound,
    p99: finite(quantileOfBuckets(0.99, buckets)),
    highestBound: bounds.length === 0 ? null : Math.max(...bounds),
  });
}

function figuresOf(
  changes: readonly SeriesChange[],
  declaredExceptionsAreErrors: boolean,
): Figures {
  const inFlight = changes.filter(({ kind }) => kind === 'inFlight');
  const ages = changes.filter(({ kind }) => kind === 'oldest').map(({ values }) => total(values));
  // Skips the first scrape, in which counters cover the whole life of the process.
  const recent = changes.filter(({ kind, seconds }) => !isGauge(kind) && seconds > 0);
  const ofKind = (wanted: string): SeriesChange[] => recent.filter(({ kind }) => kind === wanted);
  const timed = ofKind('timed');
  const errors = ofKind('errorsCounted');
  const sources = outcomeSources(countingKinds(recent));
  const calls = sources.calls === 'counted' ? ofKind('counted') : timed;
  const failedTimed = timed.filter(({ failed }) => failed);
  const failures = sources.failures === 'errorsCounted' ? errors : failedTimed;
  const hasFailures = sources.failures !== null;
  const bad =
    sources.failures === 'errorsCounted'
      ? errors.filter(({ exceptionKind }) => isBad(exceptionKind, declaredExceptionsAreErrors))
      : failedTimed;
  const hasBad = showsBadCalls(sources, declaredExceptionsAreErrors);
  const buckets = sumBuckets(timed.map(({ values }) => values));
  return {
    rate: finite(calls.length === 0 ? null : sumRates(calls)),
    failedRatio: finite(hasFailures ? ratio(failures, calls) : null),
    badRatio: finite(hasBad ? ratio(bad, calls) : null),
    failedRate: finite(hasFailures ? sumRates(failures) : null),
    badRate: finite(hasBad ? sumRates(bad) : null),
    p50: latencyOf(0.5, buckets),
    p95: latencyOf(0.95, buckets),
    p99: latencyOf(0.99, buckets),
    inFlight: finite(inFlight.length === 0 ? null : sumValues(inFlight)),
    oldest: finite(ages.length === 0 ? null : Math.max(...ages)),
    loopShare: loopShareOf(ofKind('eventLoop')),
  };
}

function loopShareOf(loops: readonly SeriesChange[]): number | null {
  return finite(loops.length === 0 ? null : sumRates(loops));
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

function sumRates(changes: readonly SeriesChange[]): number {
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
function sumBuckets(series: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const [first, ...others] = series;
  const sums = new Map<number, number>();
  for (const [bound, count] of first ?? []) {
    let sum = count;
    const isShared = others.every((buckets) => {
      sum += buckets.get(bound) ?? 0;
      return buckets.has(bound);
    });
    if (isShared) sums.set(bound, sum);
  }
  return sums;
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
