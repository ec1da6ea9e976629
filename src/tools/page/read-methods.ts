import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import type { FamilyView, Series } from '../../metrics/family';
import type { SummaryCell } from '../../metrics/summary-cell';
import { state } from '../../runtime/runtime';

/** What identifies a method of a service. */
export function methodKey(service: string, method: string): string {
  return `${service}\0${method}`;
}

/** What the labels of a series say of its method. */
interface SeriesFacts {
  readonly key: string;
  readonly service: string;
  readonly method: string;
  readonly isOk: boolean;
  readonly errorKind: string;
  readonly errorType: string;
}

/** Labels are read from the text of a series, which is slow, and never change. */
const facts = new WeakMap<Series, SeriesFacts>();

/** Many series have the same texts: each is kept once. */
const texts = new Map<string, string>();

/** Whether a metric is one that methods may be read from. */
export function isOfMethods({ name }: { readonly name: string }): boolean {
  const { families, settings } = state;
  return families.has(name.slice(settings.prefix.length)) || builtInKind(name) !== null;
}

/**
 * What the metrics of every declared method hold now, summed over their other labels. There may be many series: it can
 * be left for a while after each.
 *
 * @param sums the families over this process and its workers. Of methods that only workers declare, the built-in
 * metrics are read. Null: the families of this process.
 */
export function* readMethods(
  sums: readonly FamilyView[] | null = null,
): Generator<void, Map<string, MethodReading>, void> {
  const { families, settings } = state;
  const readings = new Map<string, MethodReading>();
  /** By the name of the family, then by method. */
  const kinds = new Map<string, Map<string, MetricKind>>();
  for (const { method, plan, specs } of state.methods.values()) {
    const key = methodKey(plan.service, method);
    let reading = readings.get(key);
    if (reading === undefined) {
      readings.set(key, (reading = new MethodReading(plan.service, method)));
    }
    for (const { kind, name } of specs) {
      // Of two metrics of one kind, either tells the same.
      if (!families.has(name) || reading.kinds.has(kind)) continue;
      reading.kinds.add(kind);
      const registeredName = settings.prefix + name;
      let ofFamily = kinds.get(registeredName);
      if (ofFamily === undefined) kinds.set(registeredName, (ofFamily = new Map()));
      ofFamily.set(key, kind);
    }
  }
  const declared = new Set(readings.keys());
  for (const family of sums ?? families.values()) {
    const ofFamily = kinds.get(family.registeredName);
    const ofOthers = sums === null ? null : builtInKind(family.registeredName);
    if (ofFamily === undefined && ofOthers === null) continue;
    for (const series of family.series()) {
      yield;
      const known = factsOf(series);
      const { key } = known;
      const kind = ofFamily?.get(key) ?? (declared.has(key) ? null : ofOthers);
      if (kind !== null) add(readingOf(readings, known, kind), kind, known, series);
    }
  }
  return readings;
}

/** The kind of the built-in metric that has this name. */
function builtInKind(registeredName: string): MetricKind | null {
  const { prefix } = state.settings;
  return METRIC_KINDS.find((kind) => prefix + CATALOGUE[kind].name === registeredName) ?? null;
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

function factsOf(series: Series): SeriesFacts {
  let found = facts.get(series);
  if (found === undefined) {
    const { labels } = series;
    const service = textOf(labels[LABEL.service] ?? '');
    const method = textOf(labels[LABEL.method] ?? '');
    found = {
      key: textOf(methodKey(service, method)),
      service,
      method,
      isOk: labels[LABEL.success] === 'true',
      errorKind: textOf(labels[LABEL.exceptionKind] ?? ''),
      errorType: textOf(labels[LABEL.exceptionType] ?? ''),
    };
    facts.set(series, found);
  }
  return found;
}

function textOf(text: string): string {
  const known = texts.get(text);
  if (known === undefined) texts.set(text, text);
  return known ?? text;
}

function add(
  reading: MethodReading,
  kind: MetricKind,
  { isOk, errorKind, errorType }: SeriesFacts,
  { cell }: Series,
): void {
  switch (kind) {
    case 'counted':
      reading.requests += (cell as CounterCell).value;
      return;
    case 'inFlight':
      reading.inFlight += (cell as GaugeCell).value;
      return;
    case 'errorsCounted':
      reading.addErrors(errorKind, errorType, (cell as CounterCell).value);
      return;
    case 'timed':
      reading.addLatencies(isOk, cell as HistogramCell | SummaryCell);
  }
}

/** Calls that failed with one type of exception. */
export interface ErrorsOfType {
  readonly kind: string;
  readonly type: string;
  count: number;
}

/** What the metrics of one method hold at one moment. */
export class MethodReading {
  /** Those that the method has. */
  readonly kinds = new Set<MetricKind>();
  requests = 0;
  inFlight = 0;
  /** Calls that settled, by outcome; of methods that are timed. */
  ok = 0;
  failed = 0;
  declared = 0;
  undeclared = 0;
  readonly errors = new Map<string, ErrorsOfType>();
  /** Upper bounds of the histogram; null where there is none. */
  bounds: readonly number[] | null = null;
  /** Calls for each bucket, not cumulative. */
  buckets: number[] = [];
  readonly summaries: SummaryCell[] = [];

  constructor(
    readonly service: string,
    readonly method: string,
  ) {}

  addErrors(kind: string, type: string, count: number): void {
    if (kind === 'declared') this.declared += count;
    else this.undeclared += count;
    const key = `${kind} ${type}`;
    const known = this.errors.get(key);
    if (known === undefined) this.errors.set(key, { kind, type, count });
    else known.count += count;
  }

  addLatencies(isOk: boolean, cell: HistogramCell | SummaryCell): void {
    const count = typeof cell.count === 'number' ? cell.count : cell.count();
    if (isOk) this.ok += count;
    else this.failed += count;
    if ('quantiles' in cell) this.summaries.push(cell);
    else this.addHistogram(cell);
  }

  private addHistogram({ bounds, counts }: HistogramCell): void {
    if (this.bounds === null) {
      this.bounds = bounds;
      this.buckets = [...counts];
      return;
    }
    const known = this.bounds;
    counts.forEach((count, i) => {
      // Series of one method have other bounds where classes share its name: the first bound that all of it is below.
      const at = bounds === known ? i : indexOfBound(known, bounds[i] ?? Infinity);
      (this.buckets[at] as number) += count;
    });
  }
}

/** Of the infinite bound, one past the last. */
function indexOfBound(bounds: readonly number[], wanted: number): number {
  const found = bounds.findIndex((bound) => bound >= wanted);
  return found === -1 ? bounds.length : found;
}
