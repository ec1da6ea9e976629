import { CATALOGUE, type CatalogueEntry, LABEL } from '../metrics/catalogue';
import type { LabelNames } from '../metrics/label-names';
import type { Labels } from '../metrics/labels';
import type { Ruling, SeriesPolicy } from '../metrics/series-policy';

/** A rule of `configureMetrics({ rules })` with its patterns compiled. What it does not set is null. */
export interface CompiledRule {
  /** The rule as it is shown in messages, such as `rules[0]`. */
  readonly location: string;
  readonly match: {
    readonly service: RegExp | null;
    readonly method: RegExp | null;
    readonly metric: RegExp | null;
  };
  readonly exclude: boolean | null;
  readonly buckets: readonly number[] | null;
  readonly native: boolean | null;
  readonly drop: readonly string[] | null;
  /** A `DeclaredObjective`. The module that declares objectives is above this one. */
  readonly objective: object | null;
  readonly anomalies: boolean | null;
  readonly maxSeries: number | null;
}

/** A method of a service, with the values of its labels. */
interface MethodName {
  readonly service: string | null;
  readonly method: string | null;
}

/** Metrics with buckets of their own, which are not seconds of a call. Rules without a metric do not change them. */
const OWN_BUCKETS: ReadonlySet<string> = new Set(
  (Object.values(CATALOGUE) as readonly CatalogueEntry[])
    .filter(({ buckets }) => buckets !== undefined)
    .map(({ name }) => name),
);

/** The rules of `configureMetrics({ rules })`. The first rule that matches and sets a key decides about that key. */
export class Policy implements SeriesPolicy {
  private readonly rulings = new Map<string, Ruling | null>();
  private readonly matched = new Set<CompiledRule>();

  constructor(
    private readonly rules: readonly CompiledRule[],
    private readonly settings: { readonly prefix: string; readonly labelNames: LabelNames },
  ) {}

  get isEmpty(): boolean {
    return this.rules.length === 0;
  }

  rulingOf(metric: string, labels: Labels): Ruling | null {
    if (this.rules.length === 0) return null;
    return this.rulingOfMethod(metric, {
      service: labels[LABEL.service] ?? null,
      method: labels[LABEL.method] ?? null,
    });
  }

  mayDrop(metric: string): boolean {
    return this.rules.some((rule) => rule.drop !== null && this.matchesMetric(rule, metric));
  }

  /** The names of metrics do not have the prefix. */
  rulingOfMethod(metric: string, of: MethodName): Ruling | null {
    if (this.rules.length === 0) return null;
    const key = JSON.stringify([metric, of.service, of.method]);
    let ruling = this.rulings.get(key);
    if (ruling === undefined) {
      ruling = this.decide(metric, of);
      this.rulings.set(key, ruling);
    }
    return ruling;
  }

  isExcluded(metric: string, of: MethodName): boolean {
    return this.rulingOfMethod(metric, of)?.isExcluded === true;
  }

  /** The objective of a method, or null if no rule sets one. */
  objectiveOf(service: string, method: string): object | null {
    return this.first({ service, method }, ({ objective }) => objective);
  }

  /** Whether bands of normal values are recorded for a method, or null if no rule says. */
  anomaliesOf(service: string, method: string): boolean | null {
    return this.first({ service, method }, ({ anomalies }) => anomalies);
  }

  /** The series limit of a metric, or null if no rule sets one. */
  maxSeriesOf(metric: string): number | null {
    const found = this.rules.find(
      (rule) => rule.maxSeries !== null && this.matchesMetric(rule, metric),
    );
    if (found === undefined) return null;
    this.matched.add(found);
    return found.maxSeries;
  }

  /** Rules that have not matched anything so far. */
  unmatched(): CompiledRule[] {
    return this.rules.filter((rule) => !this.matched.has(rule));
  }

  /** Forgets decisions that depend on the prefix or on the names of labels. */
  forget(): void {
    this.rulings.clear();
  }

  private decide(metric: string, of: MethodName): Ruling | null {
    const matching = this.rules.filter(
      (rule) => this.matchesMetric(rule, metric) && matchesMethod(rule, of),
    );
    for (const rule of matching) this.matched.add(rule);
    const firstOf = <T>(read: (rule: CompiledRule) => T | null): T | null =>
      matching.map(read).find((value) => value !== null) ?? null;
    const hasOwnBuckets = OWN_BUCKETS.has(metric);
    const ruling: Ruling = {
      isExcluded: firstOf(({ exclude }) => exclude) === true,
      buckets: firstOf(({ buckets, match }) =>
        hasOwnBuckets && match.metric === null ? null : buckets,
      ),
      native: firstOf(({ native, match }) =>
        hasOwnBuckets && match.metric === null ? null : native,
      ),
      dropped: (firstOf(({ drop }) => drop) ?? []).map((name) =>
        this.settings.labelNames.builtInOf(name),
      ),
    };
    const { isExcluded, buckets, native, dropped } = ruling;
    const isNeutral = !isExcluded && buckets === null && native === null && dropped.length === 0;
    return isNeutral ? null : ruling;
  }

  private first<T>(of: MethodName, read: (rule: CompiledRule) => T | null): T | null {
    const rule = this.rules.find((each) => read(each) !== null && matchesMethod(each, of));
    if (rule === undefined) return null;
    this.matched.add(rule);
    return read(rule);
  }

  /** A pattern matches the name with or without the prefix. */
  private matchesMetric({ match }: CompiledRule, metric: string): boolean {
    if (match.metric === null) return true;
    return match.metric.test(metric) || match.metric.test(this.settings.prefix + metric);
  }
}

/** A rule that names a service or method does not match a metric that has none. */
function matchesMethod({ match }: CompiledRule, { service, method }: MethodName): boolean {
  return matchesName(match.service, service) && matchesName(match.method, method);
}

function matchesName(pattern: RegExp | null, name: string | null): boolean {
  return pattern === null || (name !== null && pattern.test(name));
}
