import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../../metrics/catalogue';
import { type MetricFamily, toNumber } from '../exposition';
import { handlerMetricKind, isNamed, labelsKey } from '../handler-series';
import { finish, type Steps } from '../steps';

/** What a series says about a method. */
export type SeriesKind = MetricKind | 'failedByKind' | 'oldest' | 'eventLoop';

/** A series of an endpoint whose increase `top` shows. */
export interface CountedSeries {
  /** Identifies the series across scrapes. */
  readonly key: string;
  /** Values since the start of the process, by upper bound. A value without buckets, or the count of a summary, is at `Infinity`. */
  readonly sinceStart: ReadonlyMap<number, number>;
}

/** A series with its increase since the previous scrape, or with the current value of a gauge. */
export type Changed<Series> = Series & {
  readonly values: ReadonlyMap<number, number>;
  /** Seconds since the previous scrape, or 0 after the first. */
  readonly seconds: number;
};

/** One series of one method, or of one client. */
export interface MethodSeries extends CountedSeries {
  readonly service: string;
  /** The method, or the name of the client: all calls of a client are shown together. */
  readonly method: string;
  /** Whether a client makes these calls, so that they go to a dependency of the program. */
  readonly isClient: boolean;
  readonly kind: SeriesKind;
  /** Whether a latency series covers failed calls. */
  readonly failed: boolean;
  /** The kind of the exceptions that an error series counts. */
  readonly exceptionKind: string;
  readonly exceptionType: string;
}

export type SeriesChange = Changed<MethodSeries>;

/** Identifies a method or a client among all that are shown. */
export function methodKeyOf({
  service,
  method,
  isClient,
}: Pick<MethodSeries, 'service' | 'method' | 'isClient'>): string {
  return JSON.stringify([service, method, isClient]);
}

/**
 * Computes how much the counters of a series grew. A new series counts from 0. So does one whose counters fell, because the
 * process has restarted: all its buckets start again at once, also those that have overtaken their earlier values.
 */
export function increaseOf(
  values: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number> | undefined,
): ReadonlyMap<number, number> {
  if (before === undefined) return values;
  const isReset = [...values].some(([bound, value]) => value < (before.get(bound) ?? 0));
  if (isReset) return values;
  return new Map([...values].map(([bound, value]) => [bound, value - (before.get(bound) ?? 0)]));
}

/** Whether a kind of series has a value now instead of a count. */
export function isGauge(kind: SeriesKind): kind is 'inFlight' | 'oldest' {
  return kind === 'inFlight' || kind === 'oldest';
}

/**
 * The kinds of metrics that count the calls and failures of a method. A counter of errors has no series before the first
 * error of a type, but that of failed calls by kind exists beside it from the start.
 */
export function countingKinds(series: readonly Pick<MethodSeries, 'kind'>[]): Set<MetricKind> {
  const kinds = new Set<MetricKind>();
  for (const { kind } of series) {
    if (kind === 'failedByKind') kinds.add('errorsCounted');
    else if (kind === 'counted' || kind === 'timed' || kind === 'errorsCounted') kinds.add(kind);
  }
  return kinds;
}

/** The metrics of clients, whose names a program cannot choose. */
const OF_CLIENTS = [
  [CATALOGUE.clientRequests, 'counted'],
  [CATALOGUE.clientLatency, 'timed'],
  [CATALOGUE.clientErrors, 'errorsCounted'],
  [CATALOGUE.clientFailedRequests, 'failedByKind'],
  [CATALOGUE.clientActive, 'inFlight'],
  [CATALOGUE.clientOldestActive, 'oldest'],
] as const;

/**
 * Returns every series of methods and clients. If several metrics measure the same thing for a method, the one with the
 * built-in name wins, otherwise the first by name.
 */
export function methodSeriesOf(families: readonly MetricFamily[]): MethodSeries[] {
  return finish(methodSeriesSteps(families));
}

/** Reads as {@link methodSeriesOf} does, in steps. */
export function* methodSeriesSteps(families: readonly MetricFamily[]): Steps<MethodSeries[]> {
  const chosen = new Map<string, string>();
  const all: MethodSeries[] = [];
  for (const family of families.toSorted(byPreference)) {
    const ofClient = OF_CLIENTS.find(([entry]) => isNamed(family, entry))?.[1];
    const kind = ofClient ?? kindOf(family);
    if (kind === null) continue;
    for (const series of yield* seriesOfFamily(family, kind, ofClient !== undefined)) {
      const key = JSON.stringify([kind, series.service, series.method]);
      if (series.isClient) all.push(series);
      else if ((chosen.get(key) ?? family.name) === family.name) {
        chosen.set(key, family.name);
        all.push(series);
      }
    }
  }
  return all;
}

function kindOf(family: MetricFamily): SeriesKind | null {
  if (isNamed(family, CATALOGUE.eventLoop)) return 'eventLoop';
  if (isNamed(family, CATALOGUE.failedRequests)) return 'failedByKind';
  const isOldest = family.type === 'gauge' && isNamed(family, CATALOGUE.oldestActive);
  return isOldest ? 'oldest' : handlerMetricKind(family);
}

function byPreference(a: MetricFamily, b: MetricFamily): number {
  const rank = (family: MetricFamily): number =>
    METRIC_KINDS.some((kind) => isNamed(family, CATALOGUE[kind])) ? 0 : 1;
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}

/** Samples that are read in one step. */
const SAMPLES_PER_STEP = 200;

function* seriesOfFamily(
  family: MetricFamily,
  kind: SeriesKind,
  isClient: boolean,
): Steps<MethodSeries[]> {
  const isTimed = kind === 'timed';
  const nameLabel = isClient ? LABEL.clientName : LABEL.method;
  const found = new Map<string, MethodSeries & { sinceStart: Map<number, number> }>();
  let read = 0;
  for (const { name, labels, value } of family.samples) {
    if (read++ % SAMPLES_PER_STEP === 0) yield;
    const service = labels.get(LABEL.service);
    const method = labels.get(nameLabel);
    if (service === undefined || method === undefined) continue;
    const isBucket = isTimed && name === `${family.name}_bucket`;
    if (isTimed && !isBucket && name !== `${family.name}_count`) continue;
    const key = family.name + labelsKey(labels, ['le']);
    let series = found.get(key);
    if (series === undefined) {
      const failed = labels.get(LABEL.success) === 'false';
      const exceptionKind = labels.get(LABEL.exceptionKind) ?? '';
      const exceptionType = labels.get(LABEL.exceptionType) ?? '';
      const outcome = { failed, exceptionKind, exceptionType };
      series = { key, service, method, isClient, kind, ...outcome, sinceStart: new Map() };
      found.set(key, series);
    }
    series.sinceStart.set(isBucket ? toNumber(labels.get('le') ?? '') : Infinity, value);
  }
  return [...found.values()];
}
