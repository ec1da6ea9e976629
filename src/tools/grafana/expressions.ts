import { LABEL } from '../../metrics/catalogue';
import { groupBy } from '../group-by';
import type { HistogramStorage } from '../histogram-expressions';
import * as histograms from '../histogram-expressions';
import { escapePattern, quote } from '../promql';

/** Interval that Grafana chooses so that it contains enough scrapes for a rate. */
export const RATE_INTERVAL = '$__rate_interval';

/** The time range that the dashboard shows. */
export const RANGE = '$__range';

/** The time range that the dashboard shows, up to its end for every point of a panel. */
const WHOLE_RANGE = `${RANGE} @ end()`;

/** Computes a value for each label set over a range, such as {@link RATE_INTERVAL}. */
export type OverRange<T = string> = (range: string) => T;

/** Matches the jobs that are selected in the dashboard. */
export const OF_JOB = 'job=~"$job"';

/** Matches the processes that are selected in the dashboard. */
export const OF_INSTANCE = `${OF_JOB}, instance=~"$instance"`;

/** Matches the services that are selected in the dashboard. */
export const OF_CHOSEN_SERVICE = `${LABEL.service}=~"$service"`;

/** Matches the methods that are selected in the dashboard. */
export const OF_CHOSEN_METHOD = `${OF_CHOSEN_SERVICE}, ${LABEL.method}=~"$method"`;

/** Matches the methods that are selected in the dashboard, in the selected processes. */
export const OF_METHOD = `${OF_INSTANCE}, ${OF_CHOSEN_METHOD}`;

/** The labels that identify a method. */
export const METHOD_LABELS = `${LABEL.service}, ${LABEL.method}`;

export const METHOD_LEGEND = `{{${LABEL.service}}}.{{${LABEL.method}}}`;

/** Sums the rate of a counter. */
export function sumOfRate(by: string, series: string, range = RATE_INTERVAL): string {
  return histograms.sumOverRange(series, { by, range });
}

/** Aggregates a gauge: its values at each point, or its maximums over the whole range, by which {@link largest} chooses. */
export function gaugeOf(aggregation: 'sum' | 'max', by: string, series: string): OverRange {
  return (range) => `${aggregation} by (${by}) (${gaugeIn(series, range)})`;
}

/** The values of a gauge at each point, or its maximums over the whole range. */
export function gaugeIn(series: string, range: string): string {
  return range === WHOLE_RANGE ? histograms.overRange('max_over_time', series, range) : series;
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

/**
 * Keeps the series with the largest values over the time range of the dashboard, as many as the variable `top` allows.
 * `topk` alone would choose others at each point, so a panel would have more lines.
 *
 * @param share such as `/ 3` in a panel with three queries
 */
export function largest(expression: OverRange<string | undefined>, share = ''): string | undefined {
  const shown = expression(RATE_INTERVAL);
  return shown && `${shown} and topk($top${share}, ${expression(WHOLE_RANGE)})`;
}

/** Returns a regular expression for exactly these names. A `$` becomes a set, so that Grafana sees no variable in it. */
export function anyOf(names: readonly string[]): string {
  const escaped = names.map((name) => escapePattern(name).replaceAll(String.raw`\$`, '[$]'));
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

/** A histogram to query, and how Prometheus stores it. */
export interface Histogram {
  readonly name: string;
  readonly storage: HistogramStorage;
}

/** Computes a quantile for each label set. */
export function quantileOf(
  { name, storage }: Histogram,
  quantile: number,
  by: string,
  range: string,
  matchers = OF_METHOD,
): string {
  return histograms.quantileOf({ name, matchers, range, by }, quantile, storage);
}

/** Computes the observations per second. */
export function countOf(
  { name, storage }: Histogram,
  by: string,
  range: string,
  matchers = OF_METHOD,
): string {
  return histograms.countOf({ name, matchers, range, by }, storage);
}

/** Computes how many observations of the selected methods fell into each bucket. */
export function bucketsOf(
  { name, storage }: Histogram,
  selectors: readonly string[] = [OF_METHOD],
): string {
  const increases = (metric: string): string =>
    selectors.map((selector) => `increase(${metric}{${selector}}[${RATE_INTERVAL}])`).join(' or ');
  const classic = `sum by (le) (${increases(`${name}_bucket`)})`;
  return storage === 'any' ? `sum(${increases(name)}) or on () ${classic}` : classic;
}
