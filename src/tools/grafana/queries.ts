import { LABEL } from '../../metrics/catalogue';
import { bucketMatcher, quote } from '../rules/selector';
import type { DeclaredFamilies, DeclaredFamily } from './declared-families';

/** The interval that Grafana chooses so that it always holds enough scrapes for a rate. */
export const RATE_INTERVAL = '$__rate_interval';

/** The time range that is shown. */
export const RANGE = '$__range';

/** What processes the variables select. */
export const OF_INSTANCE = 'job=~"$job", instance=~"$instance"';

/** What methods the variables select. */
export const OF_METHOD = `${OF_INSTANCE}, ${LABEL.service}=~"$service", ${LABEL.method}=~"$method"`;

/** The labels that make a method. */
export const METHOD_LABELS = `${LABEL.service}, ${LABEL.method}`;

export const METHOD_LEGEND = `{{${LABEL.service}}}.{{${LABEL.method}}}`;

/** A counter's rate, summed. */
export function sumOfRate(by: string, series: string, range = RATE_INTERVAL): string {
  return `sum by (${by}) (rate(${series}[${range}]))`;
}

/** The first of several answers that there is, label set by label set. */
export function firstOf(expressions: readonly string[]): string {
  const [first = '', ...others] = expressions;
  return others.length === 0 ? first : `(${expressions.join(' or ')})`;
}

/** A share that is 0, and not missing, where nothing happened or no part was ever counted. */
export function shareOf(part: string, whole: string): string {
  return `(${part} / (${whole} > 0) or 0 * ${whole})`;
}

/** The largest, as many as the variable says. */
export function largest(expression: string): string {
  return `topk($top, ${expression})`;
}

/** A regular expression for exactly these names. Of `$` a set, or Grafana could take it for a variable's. */
export function anyOf(names: readonly string[]): string {
  const escaped = names.map((name) =>
    name.replaceAll(/[\\^.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll('$', '[$]'),
  );
  return quote(escaped.join('|'));
}

/** A histogram as queries need it. */
export interface Histogram {
  readonly name: string;
  /**
   * Whether it has native buckets, too. Which kind Prometheus has of it depends on how it scrapes, so that the queries
   * ask for both: native buckets come with protobuf only, and in their place classic ones are not stored.
   */
  readonly native: boolean;
}

/** A quantile of each label set; none where nothing was observed. */
export function quantileOf(
  { name, native }: Histogram,
  quantile: number,
  by: string,
  range = RATE_INTERVAL,
  selector = OF_METHOD,
): string {
  const classic = `histogram_quantile(${quantile}, ${sumOfRate(`${by}, le`, `${name}_bucket{${selector}}`, range)})`;
  if (!native) return classic;
  return `(histogram_quantile(${quantile}, ${sumOfRate(by, `${name}{${selector}}`, range)}) or ${classic})`;
}

/** How many were observed per second. */
export function countOf(
  { name, native }: Histogram,
  by: string,
  range = RATE_INTERVAL,
  selector = OF_METHOD,
): string {
  const classic = sumOfRate(by, `${name}_count{${selector}}`, range);
  if (!native) return classic;
  return `(histogram_count(${sumOfRate(by, `${name}{${selector}}`, range)}) or ${classic})`;
}

/** The share of observations above one of the classic bounds. Of native buckets it is interpolated. */
export function shareAbove(
  histogram: Histogram,
  bound: number,
  by: string,
  range: string,
  selector: string,
): string {
  const { name, native } = histogram;
  const all = sumOfRate(by, `${name}_count{${selector}}`, range);
  const within = sumOfRate(by, `${name}_bucket{${selector}, ${bucketMatcher(bound)}}`, range);
  const classic = shareOf(`(${all} - ${within})`, all);
  if (!native) return classic;
  const buckets = sumOfRate(by, `${name}{${selector}}`, range);
  const count = `histogram_count(${buckets})`;
  const above = `(1 - histogram_fraction(0, ${bound}, ${buckets})) and ${count} > 0`;
  return `(${above} or 0 * ${count} or ${classic})`;
}

/** How many fell into each bucket, of the methods that each of the selectors selects. */
export function bucketsOf(
  { name, native }: Histogram,
  selectors: readonly string[] = [OF_METHOD],
): string {
  const increases = (metric: string): string =>
    selectors.map((selector) => `increase(${metric}{${selector}}[${RATE_INTERVAL}])`).join(' or ');
  const classic = `sum by (le) (${increases(`${name}_bucket`)})`;
  return native ? `sum(${increases(name)}) or on () ${classic}` : classic;
}

type ErrorKind = 'declared' | 'undeclared';

interface ErrorSelection {
  readonly kind?: ErrorKind;
  readonly range?: string;
  readonly by?: string;
}

/**
 * Queries over all families of a kind. A method that two families of a kind measure is taken from the first, so that no
 * call counts twice. An expression is undefined where nothing of the kind is declared.
 */
export class HandlerQueries {
  constructor(readonly families: DeclaredFamilies) {}

  /** Calls per second of each method. */
  calls(range = RATE_INTERVAL): string | undefined {
    const { counted, countedByTimed } = this.families;
    return union([
      ...counted.map(({ name }) => sumOfRate(METHOD_LABELS, `${name}{${OF_METHOD}}`, range)),
      ...countedByTimed.map((family) => countOf(histogramOf(family), METHOD_LABELS, range)),
    ]);
  }

  /** Failed calls per second: of one kind or of both, by methods or by other labels. */
  errors({ kind, range = RATE_INTERVAL, by = METHOD_LABELS }: ErrorSelection): string | undefined {
    const ofKind = kind === undefined ? '' : `, ${LABEL.exceptionKind}="${kind}"`;
    return union(
      this.families.errorsCounted.map(({ name }) =>
        sumOfRate(by, `${name}{${OF_METHOD}${ofKind}}`, range),
      ),
    );
  }

  /** The share of calls that failed in this way, of each method. */
  errorShare(kind: ErrorKind, range = RATE_INTERVAL): string | undefined {
    const [errors, calls] = [this.errors({ kind, range }), this.calls(range)];
    if (errors === undefined || calls === undefined) return undefined;
    return shareOf(errors, calls);
  }

  /** The share of calls that failed in this way, of all methods together. */
  totalErrorShare(kind: ErrorKind): string | undefined {
    const [errors, calls] = [this.errors({ kind }), this.calls()];
    if (errors === undefined || calls === undefined) return undefined;
    return shareOf(`sum(${errors})`, `sum(${calls})`);
  }

  /**
   * A quantile of the latency of each method that was called. Of a summary it is the highest among its processes, since
   * quantiles cannot be added up, and it has to be among those that are declared.
   */
  latency(quantile: number, range = RATE_INTERVAL): string | undefined {
    const found = union(
      this.families.timed.flatMap((family) => {
        if (!isSummary(family)) {
          return [quantileOf(histogramOf(family), quantile, METHOD_LABELS, range)];
        }
        if (!family.metrics.some(({ quantiles }) => quantiles?.includes(quantile))) return [];
        const series = `${family.name}{${OF_METHOD}, quantile="${quantile}"}`;
        return [`max by (${METHOD_LABELS}) (${series})`];
      }),
    );
    // Without calls a quantile is NaN, which no comparison lets through.
    return found === undefined ? undefined : `${found} >= 0`;
  }

  /** Every quantile that summaries have. */
  summaryQuantiles(): string | undefined {
    return union(
      this.families.timed
        .filter(isSummary)
        .map(({ name }) => `max by (${METHOD_LABELS}, quantile) (${name}{${OF_METHOD}})`),
    );
  }

  /** Calls that each method is working on. */
  inFlight(): string | undefined {
    return union(
      this.families.inFlight.map(({ name }) => `sum by (${METHOD_LABELS}) (${name}{${OF_METHOD}})`),
    );
  }
}

function union(expressions: readonly string[]): string | undefined {
  return expressions.length === 0 ? undefined : firstOf(expressions);
}

export function isSummary({ metrics }: DeclaredFamily): boolean {
  return metrics.some(({ type }) => type === 'summary');
}

export function histogramOf({ name, metrics }: DeclaredFamily): Histogram {
  return { name, native: metrics.some(({ native }) => native === true) };
}
