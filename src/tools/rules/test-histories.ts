import type { DeclaredMethod, DeclaredMetric } from '../../declaration/describe';
import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import { selector } from '../promql';

/** The samples of one series, in the notation of promtool: `0+5x10` is 0, 5, 10 … 50. */
export interface TestSeries {
  series: string;
  values: string;
}

/** What happens to the calls of a method between two samples. */
export interface Behavior {
  /** Fraction of calls that fail with an undeclared exception. */
  readonly failed: number;
  /** Fraction of calls that take longer than the latency bound. */
  readonly slow: number;
  /** Age of the oldest call in progress, in seconds. */
  readonly oldest: number;
}

export const GOOD: Behavior = { failed: 0, slow: 0, oldest: 0 };

/** Writes a counter that grows by a number at each sample. It has one sample more than there are steps. */
export type Counter = (perStep: number) => string;

export const steady =
  (steps: number): Counter =>
  (perStep) =>
    `0+${Number(perStep.toPrecision(12))}x${steps}`;

/** Steps of a gauge, which is constant for the length of a short history. */
const GAUGE_STEPS = 120;

/** Calls between two samples: so many that the smallest fraction of an objective is still whole calls. */
const CALLS = 1_000_000;

const TARGET: readonly string[] = ['job="thrift"', 'instance="a:1"'];

/** Returns the series of a method, with the metrics that it declares. Histograms have classic buckets. */
export function methodSeries(
  { service, method, metrics, failedRequests, objective }: DeclaredMethod,
  { failed, slow, oldest }: Behavior,
  counter: Counter,
  prefix: string,
): TestSeries[] {
  const of = (name: string, values: string, ...labels: string[]): TestSeries => ({
    series: selector(name, { service, method }, ...labels, ...TARGET),
    values,
  });
  const timed = ({ name, type }: DeclaredMetric): TestSeries[] =>
    [true, false].flatMap((success) => {
      const calls = CALLS * (success ? 1 - failed : failed);
      const label = `${LABEL.success}="${success}"`;
      const bucket = (le: string, share: number) =>
        of(`${name}_bucket`, counter(calls * share), label, `le="${le}"`);
      const within = objective?.latency?.within;
      return [
        of(`${name}_count`, counter(calls), label),
        ...(type === 'histogram' ? [bucket('+Inf', 1)] : []),
        ...(type === 'histogram' && within !== undefined ? [bucket(String(within), 1 - slow)] : []),
      ];
    });
  const series = metrics.flatMap((metric) => {
    switch (metric.kind) {
      case 'counted':
        return [of(metric.name, counter(CALLS))];
      case 'timed':
        return timed(metric);
      case 'errorsCounted': {
        const kind = `${LABEL.exceptionKind}="undeclared"`;
        return [of(failedRequests, counter(CALLS * failed), kind)];
      }
      default:
        return [of(prefix + CATALOGUE.oldestActive.name, `${oldest}+0x${GAUGE_STEPS}`)];
    }
  });
  // Two metrics of a method can have one name, and promtool allows each series once.
  return [...new Map(series.map((each) => [each.series, each])).values()];
}

/** Returns the series of messages of a service, of which a fraction loses its reply. */
export function messageSeries(
  service: string,
  lost: number,
  counter: Counter,
  prefix: string,
): TestSeries[] {
  const of = (name: string, perStep: number): TestSeries => ({
    series: selector(prefix + name, { service }, ...TARGET),
    values: counter(perStep),
  });
  return [of(CATALOGUE.messages.name, CALLS), of(CATALOGUE.lostReplies.name, CALLS * lost)];
}

/** The name of the client in all histories. */
export const CLIENT = 'dependency';

/** Returns the series of a client in the job of the handlers. A fraction of its calls does not reach the dependency. */
export function clientSeries(failed: number, counter: Counter, prefix: string): TestSeries[] {
  const of = (name: string, perStep: number, ...labels: string[]): TestSeries => ({
    series: selector(
      prefix + name,
      { service: CLIENT },
      `${LABEL.clientName}="${CLIENT}"`,
      ...labels,
      ...TARGET,
    ),
    values: counter(perStep),
  });
  return [
    of(CATALOGUE.clientRequests.name, CALLS),
    of(CATALOGUE.clientFailedRequests.name, CALLS * failed, `${LABEL.exceptionKind}="transport"`),
  ];
}
