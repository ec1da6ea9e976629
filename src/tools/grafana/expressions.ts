import { LABEL } from '../../metrics/catalogue';
import { groupBy } from '../group-by';
import { bucketMatcher, quote } from '../promql';

/** Interval that Grafana chooses so that it contains enough scrapes for a rate. */
export const RATE_INTERVAL = '$__rate_interval';

/** The time range that the dashboard shows. */
export const RANGE = '$__range';

/** Matches the processes that are selected in the dashboard. */
export const OF_INSTANCE = 'job=~"$job", instance=~"$instance"';

/** Matches the methods that are selected in the dashboard, in the selected processes. */
export const OF_METHOD = `${OF_INSTANCE}, ${LABEL.service}=~"$service", ${LABEL.method}=~"$method"`;

/** The labels that identify a method. */
export const METHOD_LABELS = `${LABEL.service}, ${LABEL.method}`;

export const METHOD_LEGEND = `{{${LABEL.service}}}.{{${LABEL.method}}}`;

/** Sums the rate of a counter. */
export function sumOfRate(by: string, series: string, range = RATE_INTERVAL): string {
  return `sum by (${by}) (rate(${series}[${range}]))`;
}

/** Takes each label set from the first expression that returns it. */
export function firstOf(expressions: readonly string[]): string {
  const [first = '', ...others] = expressions;
  return others.length === 0 ? first : `(${expressions.join(' or ')})`;
}

/** Divides a part by the whole. The ratio is 0, not missing, if the whole is 0 or the part has no series yet. */
export function ratioOf(part: string, whole: string): string {
  return `(${part} / (${whole} > 0) or 0 * ${whole})`;
}

/** Keeps the largest series, as many as the variable `top` allows. */
export function largest(expression: string): string {
  return `topk($top, ${expression})`;
}

/** Returns a regular expression for exactly these names. A `$` becomes a set, so that Grafana sees no variable in it. */
export function anyOf(names: readonly string[]): string {
  const escaped = names.map((name) =>
    name.replaceAll(/[\\^.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll('$', '[$]'),
  );
  return quote(escaped.join('|'));
}

/** Returns matchers for exactly these methods: one list per service. */
export function matchersOf(
  methods: readonly { readonly service: string; readonly method: string }[],
): string[] {
  return [...groupBy(methods, ({ service }) => service)].map(([service, found]) => {
    const names = new Set(found.map(({ method }) => method));
    return `${LABEL.service}=~${anyOf([service])}, ${LABEL.method}=~${anyOf([...names])}`;
  });
}

/** A histogram to query. */
export interface Histogram {
  readonly name: string;
  /**
   * Whether Prometheus may store native buckets: those of the histogram, or classic ones that it converts. Queries then ask
   * for both kinds, and use those that exist.
   */
  readonly native: boolean;
}

/** Computes a quantile for each label set. */
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

/** Computes the observations per second. */
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

/** Computes the fraction of observations above a classic bound. With native buckets the fraction is interpolated. */
export function ratioAbove(
  histogram: Histogram,
  bound: number,
  by: string,
  range: string,
  selector: string,
): string {
  const { name, native } = histogram;
  const all = sumOfRate(by, `${name}_count{${selector}}`, range);
  const within = sumOfRate(by, `${name}_bucket{${selector}, ${bucketMatcher(bound)}}`, range);
  const classic = ratioOf(`(${all} - ${within})`, all);
  if (!native) return classic;
  const buckets = sumOfRate(by, `${name}{${selector}}`, range);
  const count = `histogram_count(${buckets})`;
  const above = `(1 - histogram_fraction(0, ${bound}, ${buckets})) and ${count} > 0`;
  return `(${above} or 0 * ${count} or ${classic})`;
}

/** Computes how many observations of the selected methods fell into each bucket. */
export function bucketsOf(
  { name, native }: Histogram,
  selectors: readonly string[] = [OF_METHOD],
): string {
  const increases = (metric: string): string =>
    selectors.map((selector) => `increase(${metric}{${selector}}[${RATE_INTERVAL}])`).join(' or ');
  const classic = `sum by (le) (${increases(`${name}_bucket`)})`;
  return native ? `sum(${increases(name)}) or on () ${classic}` : classic;
}
