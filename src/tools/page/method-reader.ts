import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell } from '../../metrics/cell';
import { newerSample, type ErrorSample } from '../../metrics/error-sample';
import { newerExemplar, type Exemplar } from '../../metrics/exemplar';
import type { FamilyView, Series } from '../../metrics/family';
import type { HistogramCell } from '../../metrics/histogram-cell';
import type { SummaryCell } from '../../metrics/summary-cell';
import { declarationsOf } from '../../declaration/declarations';
import type { Runtime } from '../../runtime/runtime';
import { seriesOf } from './displayed-series';
import { ExpiredSeries } from './expired-series';
import { isBad } from '../../slo/outcome';
import { LabelledReading, type OwnLabel, OwnLabels, ownNamesOf } from './own-labels';
import { TimeReading, timeReaderOf } from './time-reading';

/** Identifies a method of a service. */
export function methodKey(service: string, method: string): string {
  return `${service}\0${method}`;
}

/** What the labels of a series say about its method and outcome. */
interface SeriesFacts {
  readonly key: string;
  readonly service: string;
  readonly method: string;
  readonly isOk: boolean;
  readonly errorKind: string;
  readonly errorType: string;
  /** The program's own labels. */
  readonly own: readonly OwnLabel[];
}

/** Reads the current values of every declared method. */
export class MethodReader {
  /** Cached, because parsing the labels of a series is slow and they never change. */
  private facts = new WeakMap<Series, SeriesFacts>();
  private readonly ownLabels: OwnLabels;
  /** Holds one copy of each text, because many series share them. */
  private readonly texts = new Map<string, string>();
  private readonly expired: ExpiredSeries;

  constructor(private readonly runtime: Runtime) {
    this.ownLabels = new OwnLabels(runtime);
    this.expired = new ExpiredSeries(runtime);
  }

  close(): void {
    this.expired.close();
  }

  /** Whether a metric has values of methods. */
  canRead({ name }: { readonly name: string }): boolean {
    const { families, settings } = this.runtime;
    return (
      families.isDeclared(name.slice(settings.prefix.length)) ||
      this.builtInKind(name) !== null ||
      name === this.oldestName() ||
      timeReaderOf(name, settings.prefix) !== null
    );
  }

  /**
   * Reads the metrics of every declared method, summed over custom labels. Yields after each series, because there may be
   * many.
   *
   * @param sums families summed over this process and its workers, or null to read those of this process. For methods that
   * only workers declare, the built-in metrics are read.
   */
  *read(
    sums: readonly FamilyView[] | null = null,
  ): Generator<void, Map<string, MethodReading>, void> {
    const { families, settings } = this.runtime;
    const readings = new Map<string, MethodReading>();
    // Other rules may drop other labels.
    if (this.ownLabels.refresh(sums !== null)) this.facts = new WeakMap();
    /** The kind of metric by family name, then by method. */
    const kinds = new Map<string, Map<string, MetricKind>>();
    for (const { gate, method, objective, plan, specs } of declarationsOf(
      this.runtime,
    ).methods.values()) {
      if (gate.isExcluded) continue;
      const key = methodKey(plan.service, method);
      let reading = readings.get(key);
      if (reading === undefined) {
        readings.set(key, (reading = new MethodReading(plan.service, method)));
      }
      if (objective?.declaredExceptionsAreErrors === true)
        reading.declaredExceptionsAreErrors = true;
      for (const { kind, name, ...spec } of specs) {
        // Reads one metric of each kind, because others of the same kind have the same values.
        if (!families.isDeclared(name) || reading.kinds.has(kind)) continue;
        reading.kinds.add(kind);
        for (const label of ownNamesOf(spec)) reading.addLabel(label, kind);
        const registeredName = settings.prefix + name;
        let kindOfMethod = kinds.get(registeredName);
        if (kindOfMethod === undefined) kinds.set(registeredName, (kindOfMethod = new Map()));
        kindOfMethod.set(key, kind);
      }
    }
    const declared = new Set(readings.keys());
    let ages: Iterable<Series> | null = null;
    const timed: [NonNullable<ReturnType<typeof timeReaderOf>>, Iterable<Series>][] = [];
    if (sums !== null) this.expired.forget();
    const removed: [FamilyView, Series, MetricKind][] = [];
    for (const [family, members] of seriesOf(sums, families)) {
      if (family.registeredName === this.oldestName()) ages = members;
      const addTime = timeReaderOf(family.registeredName, settings.prefix);
      if (addTime !== null) timed.push([addTime, members]);
      const kindOfMethod = kinds.get(family.registeredName);
      const kindOfOthers = sums === null ? null : this.builtInKind(family.registeredName);
      for (const series of this.expired.take(family)) {
        const kind = kindOfMethod?.get(this.factsOf(series, family).key);
        if (kind !== undefined) removed.push([family, series, kind]);
      }
      if (kindOfMethod === undefined && kindOfOthers === null) continue;
      for (const series of members) {
        yield;
        const facts = this.factsOf(series, family);
        const { key } = facts;
        const kind = kindOfMethod?.get(key) ?? (declared.has(key) ? null : kindOfOthers);
        if (kind !== null) add(readingOf(readings, facts, kind), kind, facts, series);
      }
    }
    for (const [family, series, kind] of removed) {
      const facts = this.factsOf(series, family);
      const reading = readings.get(facts.key);
      if (reading !== undefined) add(reading.expire(), kind, facts, series);
    }
    // Comes last, because methods that only workers declare are known by their other metrics.
    if (ages !== null) yield* this.readOldest(readings, ages);
    for (const [addTime, members] of timed) {
      for (const series of members) {
        yield;
        const reading = readings.get(this.factsOf(series, null).key);
        if (reading !== undefined) addTime(reading.times, series.cell);
      }
    }
    return readings;
  }

  /** Reads the age of the oldest call. A method may have it without any of the metrics that the page shows. */
  private *readOldest(
    readings: ReadonlyMap<string, MethodReading>,
    ages: Iterable<Series>,
  ): Generator<void, void, void> {
    for (const series of ages) {
      yield;
      const { key } = this.factsOf(series, null);
      readings.get(key)?.addOldest((series.cell as GaugeCell).read());
    }
  }

  private oldestName(): string {
    return this.runtime.settings.prefix + CATALOGUE.oldestActive.name;
  }

  /** The kind of the built-in metric with this name, or null. */
  private builtInKind(registeredName: string): MetricKind | null {
    const { prefix } = this.runtime.settings;
    return METRIC_KINDS.find((kind) => prefix + CATALOGUE[kind].name === registeredName) ?? null;
  }

  /** @param family that of the series, or null if the labels of the program do not matter */
  private factsOf(series: Series, family: FamilyView | null): SeriesFacts {
    let found = this.facts.get(series);
    if (found === undefined) {
      const { labels } = series;
      const service = this.shared(labels[LABEL.service] ?? '');
      const method = this.shared(labels[LABEL.method] ?? '');
      found = {
        key: this.shared(methodKey(service, method)),
        service,
        method,
        isOk: labels[LABEL.success] === 'true',
        errorKind: this.shared(labels[LABEL.exceptionKind] ?? ''),
        errorType: this.shared(labels[LABEL.exceptionType] ?? ''),
        own: family === null ? [] : this.ownLabels.of(family, labels),
      };
      this.facts.set(series, found);
    }
    return found;
  }

  private shared(text: string): string {
    const known = this.texts.get(text);
    if (known === undefined) this.texts.set(text, text);
    return known ?? text;
  }
}

function readingOf(
  readings: Map<string, MethodReading>,
  { key, service, method }: SeriesFacts,
  kind: MetricKind,
): MethodReading {
  let reading = readings.get(key);
  if (reading === undefined) readings.set(key, (reading = new MethodReading(service, method)));
  reading.kinds.add(kind);
  return reading;
}

function add(
  reading: MethodReading,
  kind: MetricKind,
  { isOk, errorKind, errorType, own }: SeriesFacts,
  { cell }: Series,
): void {
  for (const label of own) reading.addLabelled(label, kind, isOk, cell);
  switch (kind) {
    case 'counted':
      reading.requests += (cell as CounterCell).read();
      return;
    case 'inFlight':
      reading.inFlight += (cell as GaugeCell).read();
      return;
    case 'errorsCounted':
      reading.addErrors(errorKind, errorType, cell as CounterCell);
      return;
    case 'timed':
      reading.addLatencies(isOk, cell as HistogramCell | SummaryCell);
  }
}

/** The number of calls that failed with one type of exception. */
export interface ErrorsOfType {
  readonly kind: string;
  readonly type: string;
  count: number;
  /** Points to the trace of a recent call that failed with it. */
  exemplar: Exemplar | null;
  /** What a recent one said. */
  sample: ErrorSample | null;
}

/** The counts of a reading that are not by anything else. */
const COUNTS = ['requests', 'ok', 'failed', 'declared', 'undeclared', 'bad'] as const;

/** The values of the metrics of one method at one moment. */
export class MethodReading {
  /** The kinds of metrics that the method has. */
  readonly kinds = new Set<MetricKind>();
  requests = 0;
  inFlight = 0;
  /** Age of the oldest call in progress in seconds, or null if it is not measured. */
  oldest: number | null = null;
  /** Successful calls, if the method is timed. */
  ok = 0;
  /** Failed calls, if the method is timed. */
  failed = 0;
  /** Whether declared exceptions count against the objective of the method. */
  declaredExceptionsAreErrors = false;
  declared = 0;
  undeclared = 0;
  /** Failed calls that count against an objective. */
  bad = 0;
  readonly errors = new Map<string, ErrorsOfType>();
  /** Upper bounds of the histogram, or null if the method has no histogram. */
  bounds: readonly number[] | null = null;
  /** Calls per bucket, not cumulative. */
  buckets: number[] = [];
  readonly summaries: SummaryCell[] = [];
  /** The program's own labels, with the kinds of metrics that have them. */
  readonly labels = new Map<string, Set<MetricKind>>();
  /** The calls with each value of these labels. */
  readonly labelled = new Map<string, LabelledReading>();
  readonly times = new TimeReading();
  /** What series counted that have expired since the reading before. Null in most programs. */
  expired: MethodReading | null = null;

  constructor(
    readonly service: string,
    readonly method: string,
  ) {}

  /** What expired series are added to. */
  expire(): MethodReading {
    if (this.expired === null) {
      this.expired = new MethodReading(this.service, this.method);
      this.expired.declaredExceptionsAreErrors = this.declaredExceptionsAreErrors;
    }
    return this.expired;
  }

  /**
   * Takes out what expired series had counted, so that the next reading, `now`, is compared with the series that it has.
   */
  without(expired: MethodReading, now: MethodReading): void {
    for (const name of COUNTS) this[name] -= expired[name];
    for (const [key, { count }] of expired.errors) {
      const errors = this.errors.get(key);
      if (errors !== undefined) errors.count -= count;
    }
    for (const [key, reading] of expired.labelled) {
      this.labelled.get(key)?.without(reading, now.labelled.get(key));
    }
    this.times.handler.without(expired.times.handler, now.times.handler);
    if (expired.bounds !== null && this.bounds !== null)
      this.addBuckets(expired.bounds, expired.buckets, -1);
  }

  addErrors(kind: string, type: string, cell: CounterCell): void {
    const count = cell.read();
    const { exemplar, sample } = cell;
    if (kind === 'declared') this.declared += count;
    else this.undeclared += count;
    if (isBad(kind, this.declaredExceptionsAreErrors)) this.bad += count;
    const key = `${kind} ${type}`;
    const known = this.errors.get(key);
    if (known === undefined) this.errors.set(key, { kind, type, count, exemplar, sample });
    else {
      known.count += count;
      known.exemplar = newerExemplar(known.exemplar, exemplar);
      known.sample = newerSample(known.sample, sample);
    }
  }

  addLabel(name: string, kind: MetricKind): void {
    const kinds = this.labels.get(name);
    if (kinds === undefined) this.labels.set(name, new Set([kind]));
    else kinds.add(kind);
  }

  addLabelled(label: OwnLabel, kind: MetricKind, isOk: boolean, cell: Series['cell']): void {
    this.addLabel(label.name, kind);
    let found = this.labelled.get(label.key);
    if (found === undefined) this.labelled.set(label.key, (found = new LabelledReading(label)));
    found.add(kind, isOk, cell);
  }

  addOldest(seconds: number): void {
    this.oldest = Math.max(this.oldest ?? 0, seconds);
  }

  addLatencies(isOk: boolean, cell: HistogramCell | SummaryCell): void {
    const count = typeof cell.count === 'number' ? cell.count : cell.count();
    if (isOk) this.ok += count;
    else this.failed += count;
    this.times.handler.add(cell);
    if ('quantiles' in cell) this.summaries.push(cell);
    else this.addHistogram(cell);
  }

  private addHistogram(cell: HistogramCell): void {
    const { bounds } = cell;
    const counts = cell.counts();
    if (this.bounds === null) {
      this.bounds = bounds;
      this.buckets = counts;
    } else this.addBuckets(bounds, counts, 1);
  }

  private addBuckets(bounds: readonly number[], counts: readonly number[], sign: 1 | -1): void {
    const known = this.bounds as readonly number[];
    counts.forEach((count, i) => {
      // Classes with the same service and method may have different bounds. Counts move to the next known bound.
      const at = bounds === known ? i : indexOfBound(known, bounds[i] ?? Infinity);
      (this.buckets[at] as number) += sign * count;
    });
  }
}

/** The bucket of a bound: the first known bound that is not below it, or else the bucket up to infinity. */
function indexOfBound(bounds: readonly number[], wanted: number): number {
  const found = bounds.findIndex((bound) => bound >= wanted);
  return found === -1 ? bounds.length : found;
}
