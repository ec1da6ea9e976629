import {
  type AnomalySignal,
  type AnomalySignals,
  ON_METHOD,
  type SignalKind,
} from './anomaly-signals';
import type { PrometheusRecordingRule } from './prometheus-rules';
import { selector } from '../promql';
import { METHOD_LEVEL, type MethodOrService } from './recorded-series';

/** How far a value may be from what is expected. The largest of the three widths applies. */
interface Tolerance {
  /** Fraction of the expected value. */
  readonly relative: number;
  /** In the unit of the series. */
  readonly absolute: number;
  /** Multiple of the standard deviation. */
  readonly deviations: number;
}

const TOLERANCES: Readonly<Record<SignalKind, Tolerance>> = {
  // Thirty calls in five minutes are not an anomaly of a method that has none.
  rate: { relative: 0.5, absolute: 0.1, deviations: 4 },
  failures: { relative: 0.5, absolute: 0.005, deviations: 3 },
  latency: { relative: 0.5, absolute: 0.005, deviations: 4 },
};

/** Seconds of the window of a rate. A rate times this number is a number of calls. */
export const RATE_SECONDS = 300;

/** The last hours, whose median is one expected value. An alert ends when a new level has lasted for half of them. */
const RECENT = '4h';

/** An hour around the same time of an earlier day. */
const AROUND = '1h';
const YESTERDAY = '23h30m';
const LAST_WEEK = '6d23h30m';
const WEEK_BEFORE = '13d23h30m';

/** Most that the level of the last hours may scale the usual value. A ratio of two values near 0 can be anything. */
const MAX_SCALE = 4;

/** Tells the expected values of one series apart. */
export const EXPECTED_LABEL = 'thrift_expected';

/** Names of the series that are recorded about a recorded series. */
export const bandSeries = (series: string) => ({
  expected: `${series}_expected`,
  deviation: `${series}_deviation`,
  lower: `${series}_lower`,
  upper: `${series}_upper`,
});

/**
 * Returns rules for the band of each signal. A value within the band is explained by the last hours, by the same time of
 * earlier days, or by that time at the level of the last hours.
 *
 * @param others methods that have the same series, but no bands
 */
export function anomalyBandRules(
  { signals, calls, rules }: AnomalySignals,
  others: readonly MethodOrService[] = [],
): PrometheusRecordingRule[] {
  return [...rules, ...signals.flatMap((signal) => bandRules(signal, calls, others))];
}

function bandRules(
  { kind, series }: AnomalySignal,
  calls: string,
  others: readonly MethodOrService[],
): PrometheusRecordingRule[] {
  const banded = (expr: string): string => withoutMethods(expr, series, others);
  const { expected, deviation, lower, upper } = bandSeries(series);
  const select = (source: string): string => `${expected}{${EXPECTED_LABEL}="${source}"}`;
  const record = (source: string, expr: string): PrometheusRecordingRule => ({
    record: expected,
    expr,
    labels: { [EXPECTED_LABEL]: source },
  });
  const usual = select('usual');
  const usualLately = `quantile_over_time(0.5, ${usual}[${RECENT}])`;
  const { relative, absolute, deviations } = TOLERANCES[kind];
  const width = (level: string): string => {
    const widths = `(${deviations} * ${deviation} > ${ON_METHOD} ${relative} * ${level} or ${ON_METHOD} ${relative} * ${level})`;
    const known = `${widths} and ${ON_METHOD} ${deviation}`;
    return `clamp_min(${known}, ${absolute})`;
  };
  const highest = `max by (${METHOD_LEVEL.labels}) (${expected})`;
  const lowest = `min by (${METHOD_LEVEL.labels}) (${expected})`;
  return [
    record('usual', banded(usualValue(series))),
    record('recent', banded(`quantile_over_time(0.5, ${series}[${RECENT}])`)),
    // The usual value at the level of the last hours, such as after a new client has doubled the rate.
    record(
      'scaled',
      `${usual}\n* ${ON_METHOD}\nclamp(${select('recent')} / ${ON_METHOD} (${usualLately} > 0), ${1 / MAX_SCALE}, ${MAX_SCALE})`,
    ),
    { record: deviation, expr: atLeast(usualDeviation(series), noiseOf(kind, usual, calls)) },
    { record: lower, expr: `clamp_min(\n${lowest}\n- ${ON_METHOD}\n${width(lowest)}\n, 0)` },
    { record: upper, expr: `${highest}\n+ ${ON_METHOD}\n${width(highest)}` },
  ];
}

/** Leaves out the values of methods. Without them, nothing is recorded that an alert could compare with. */
function withoutMethods(expr: string, series: string, methods: readonly MethodOrService[]): string {
  if (methods.length === 0) return expr;
  const selected = methods.map((method) => selector(series, method));
  return `(${expr})\nunless ${ON_METHOD} (${selected.join(' or ')})`;
}

/** The median of the averages around this time on earlier days. Neither a weekend nor one incident changes it. */
function usualValue(series: string): string {
  return medianOfDays(series, (samples) => `avg_over_time(${samples})`);
}

/** The median of the standard deviations around the trend at these times. A steady rise is not a deviation. */
function usualDeviation(series: string): string {
  // A straight line with the slope s has the variance (s * duration)^2 / 12.
  return medianOfDays(
    series,
    (samples) =>
      `sqrt(clamp_min(stddev_over_time(${samples})^2 - (3600 * deriv(${samples}))^2 / 12, 0))`,
  );
}

/**
 * The median of the values yesterday, a week ago and two weeks ago. Until there are two weeks of history, the last week
 * counts twice. Before there is one, the value is unknown.
 */
function medianOfDays(series: string, valueOf: (samples: string) => string): string {
  const at = (offset: string): string => valueOf(`${series}[${AROUND}] offset ${offset}`);
  const values = [at(YESTERDAY), at(LAST_WEEK), `(${at(WEEK_BEFORE)} or ${at(LAST_WEEK)})`];
  const labelled = values.map(
    (value, i) => `label_replace(${value}, "thrift_day", "${i}", "", "")`,
  );
  return `quantile by (${METHOD_LEVEL.labels}) (0.5,\n${labelled.join('\nor\n')}\n)\nand ${ON_METHOD} ${series} offset 1w`;
}

/** The standard deviation that random arrivals have: a count of n varies by its square root. */
function noiseOf(kind: SignalKind, usual: string, calls: string): string | null {
  if (kind === 'latency') return null;
  const count =
    kind === 'rate' ? String(RATE_SECONDS) : `${ON_METHOD} (${RATE_SECONDS} * ${calls})`;
  return `max by (${METHOD_LEVEL.labels}) (sqrt(${usual} / ${count}))`;
}

function atLeast(value: string, least: string | null): string {
  return least === null ? value : `(${value})\n> ${ON_METHOD} ${least}\nor ${ON_METHOD} ${least}`;
}
