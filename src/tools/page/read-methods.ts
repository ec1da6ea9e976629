import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import type { FamilyView, Series } from '../../metrics/family';
import type { SummaryCell } from '../../metrics/summary-cell';
import { declarationsOf } from '../../declaration/declarations';
import type { Runtime } from '../../runtime/runtime';

/** Identifies a method of a service. */
export function methodKey(service: string, method: string): string {
  return `${service}\0${method}`;
}

/** What the labels of a series say about its method. */
interface SeriesFacts {
  readonly key: string;
  readonly service: string;
  readonly method: string;
  readonly isOk: boolean;
  readonly errorKind: string;
  readonly errorType: string;
}

/** Reads the current values of every declared method. */
export class MethodReader {
  /** Labels never change, and parsing them from the text of a series is slow. */
  private readonly facts = new WeakMap<Series, SeriesFacts>();
  /** Many series have the same texts; each is kept once. */
  private readonly texts = new Map<string, string>();

  constructor(private readonly runtime: Runtime) {}

  /** Whether methods can be read from a metric. */
  canRead({ name }: { readonly name: string }): boolean {
    const { families, settings } = this.runtime;
    return (
      families.isDeclared(name.slice(settings.prefix.length)) || this.builtInKind(name) !== null
    );
  }

  /**
   * Reads the metrics of every declared method, summed over their other labels. It yields after each series, because there
   * may be many.
   *
   * @param sums the families over this process and its workers, from which methods that only workers declare are read by
   * their built-in metrics. Null reads the families of this process.
   */
  *read(
    sums: readonly FamilyView[] | null = null,
  ): Generator<void, Map<string, MethodReading>, void> {
    const { families, settings } = this.runtime;
    const readings = new Map<string, MethodReading>();
    /** By the name of the family, then by method. */
    const kinds = new Map<string, Map<string, MetricKind>>();
    for (const { method, plan, specs } of declarationsOf(this.runtime).methods.values()) {
      const key = methodKey(plan.service, method);
      let reading = readings.get(key);
      if (reading === undefined) {
        readings.set(key, (reading = new MethodReading(plan.service, method)));
      }
      for (const { kind, name } of specs) {
        // Two metrics of one kind have the same values, so the first is enough.
        if (!families.isDeclared(name) || reading.kinds.has(kind)) continue;
        reading.kinds.add(kind);
        const registeredName = settings.prefix + name;
        let ofFamily = kinds.get(registeredName);
        if (ofFamily === undefined) kinds.set(registeredName, (ofFamily = new Map()));
        ofFamily.set(key, kind);
      }
    }
    const declared = new Set(readings.keys());
    for (const family of sums ?? families) {
      const ofFamily = kinds.get(family.registeredName);
      const ofOthers = sums === null ? null : this.builtInKind(family.registeredName);
      if (ofFamily === undefined && ofOthers === null) continue;
      for (const series of family.series()) {
        yield;
        const known = this.factsOf(series);
        const { key } = known;
        const kind = ofFamily?.get(key) ?? (declared.has(key) ? null : ofOthers);
        if (kind !== null) add(readingOf(readings, known, kind), kind, known, series);
      }
    }
    return readings;
  }

  /** The kind of the built-in metric with this name, or null. */
  private builtInKind(registeredName: string): MetricKind | null {
    const { prefix } = this.runtime.settings;
    return METRIC_KINDS.find((kind) => prefix + CATALOGUE[kind].name === registeredName) ?? null;
  }

  private factsOf(series: Series): SeriesFacts {
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
  { isOk, errorKind, errorType }: SeriesFacts,
  { cell }: Series,
): void {
  switch (kind) {
    case 'counted':
      reading.requests += (cell as CounterCell).read();
      return;
    case 'inFlight':
      reading.inFlight += (cell as GaugeCell).read();
      return;
    case 'errorsCounted':
      reading.addErrors(errorKind, errorType, (cell as CounterCell).read());
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
