import { groupBy } from '../../order';
import { quantileOfBuckets, type SeriesChange } from './instance';

/** What `top` shows of one method. Null where no metric tells, or nothing has happened. */
export interface MethodRow {
  readonly service: string;
  readonly method: string;
  /** Calls a second. */
  readonly rate: number | null;
  /** The share of calls that failed, 0 to 1. */
  readonly errorRatio: number | null;
  /** Seconds. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Calls. */
  readonly inFlight: number | null;
}

/** Sums the series of each method over instances and over whatever labels they have. */
export function methodRowsOf(changes: readonly SeriesChange[]): MethodRow[] {
  const methods = groupBy(changes, ({ service, method }) => JSON.stringify([service, method]));
  return [...methods.values()].map(rowOf);
}

function rowOf(changes: readonly SeriesChange[]): MethodRow {
  const [{ service, method }] = changes as [SeriesChange];
  const active = changes.filter(({ kind }) => kind === 'inFlight');
  // While there was no scrape before, a counter tells what happened since the process started.
  const recent = changes.filter(({ kind, seconds }) => kind !== 'inFlight' && seconds > 0);
  const of = (wanted: string): SeriesChange[] => recent.filter(({ kind }) => kind === wanted);
  const timed = of('timed');
  const counted = of('counted');
  const buckets = sumBuckets(timed);
  return {
    service,
    method,
    rate: sumRates(counted.length > 0 ? counted : timed),
    errorRatio: errorRatio(timed, of('errorsCounted'), counted),
    p50: quantileOfBuckets(0.5, buckets),
    p95: quantileOfBuckets(0.95, buckets),
    p99: quantileOfBuckets(0.99, buckets),
    inFlight: active.length === 0 ? null : sumValues(active),
  };
}

function sumRates(changes: readonly SeriesChange[]): number | null {
  if (changes.length === 0) return null;
  return changes.reduce((sum, { values, seconds }) => sum + total(values) / seconds, 0);
}

/** By calls that settled where a latency tells them: those that failed are then among those that are counted. */
function errorRatio(
  timed: readonly SeriesChange[],
  errors: readonly SeriesChange[],
  counted: readonly SeriesChange[],
): number | null {
  if (timed.length > 0) return ratio(sumValues(timed.filter(({ failed }) => failed)), timed);
  return errors.length === 0 ? null : ratio(sumValues(errors), counted);
}

function ratio(failed: number, calls: readonly SeriesChange[]): number | null {
  const all = sumValues(calls);
  return all === 0 ? null : Math.min(1, failed / all);
}

function sumValues(changes: readonly SeriesChange[]): number {
  return changes.reduce((sum, { values }) => sum + total(values), 0);
}

function total(values: ReadonlyMap<number, number>): number {
  return values.get(Infinity) ?? 0;
}

/** At the bounds that all series have, where their sum is exact. */
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
