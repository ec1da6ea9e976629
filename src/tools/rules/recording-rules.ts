import type { DeclaredMethod } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import type { BurnRate } from '../../slo/burn-rates';
import { minutesOfDuration } from '../../slo/duration';
import { callMetrics } from '../../slo/objective-indicator';
import { callsExpression, failuresExpression } from '../call-expressions';
import { type HistogramStorage, quantileOf, sumOverRange } from '../histogram-expressions';
import { matchersOf, NOT_DECLARED } from '../promql';
import type { ObjectiveExpressions } from './objective-expressions';
import type { PrometheusRecordingRule } from './prometheus-rules';
import {
  levelOf,
  METHOD_LEVEL,
  OBJECTIVE_LABEL,
  objectiveSeries,
  RATE_WINDOW,
  recordName,
  targetName,
} from './recorded-series';

const LEVEL_LABELS = METHOD_LEVEL.labels;

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/**
 * Returns rules for the rates of calls, failed calls and bad calls, their ratios, and latency quantiles: one set per metric,
 * because methods share metrics.
 */
export function methodRules(
  methods: readonly DeclaredMethod[],
  storage: HistogramStorage,
): PrometheusRecordingRule[] {
  const counters = new Set<string>();
  const histograms = new Set<string>();
  for (const { calls, latency } of methods.map(callMetrics)) {
    if (calls?.kind === 'counted') counters.add(calls.name);
    if (latency !== undefined) histograms.add(latency.name);
  }
  return [
    ...[...counters].map((name) => ({
      record: recordName(name, RATE),
      expr: sumOverRange(name, { by: LEVEL_LABELS, range: RATE_WINDOW }),
    })),
    ...failureRules(methods, storage),
    ...[...histograms].flatMap((name) => quantileRules(name, storage)),
  ];
}

const RATE = `rate${RATE_WINDOW}`;

/** Returns rules for all methods that count their failures by kind: rates and ratios of failed calls and of bad calls. */
function failureRules(
  methods: readonly DeclaredMethod[],
  storage: HistogramStorage,
): PrometheusRecordingRule[] {
  const failures = methods.flatMap((method) => {
    const { calls, failures: failed } = callMetrics(method);
    return calls === undefined || failed?.by !== 'kind' ? [] : [{ method, calls, failed }];
  });
  const [first] = failures;
  if (first === undefined) return [];
  const failedCalls = (matchers: string): string =>
    failuresExpression(first.failed, { matchers, by: LEVEL_LABELS, storage })(RATE_WINDOW);
  const strict = failures
    .filter(({ method }) => method.objective?.declaredExceptionsAreErrors === true)
    .map(({ method }) => failedCalls(matchersOf(method)));
  const metrics = failures.map(({ calls }) => calls);
  const counters = metrics.filter(({ kind }) => kind === 'counted');
  const timers = metrics.filter(({ kind }) => kind !== 'counted');
  // Counters first: a histogram also has the methods that a counter counts, but only their calls that have settled.
  const calls = new Set([
    ...counters.map(({ name }) => recordName(name, RATE)),
    ...timers.map((metric) =>
      callsExpression(metric, { matchers: '', by: LEVEL_LABELS, storage })(RATE_WINDOW),
    ),
  ]);
  const { name } = first.failed;
  const record = (operation: string) => recordName(name, operation);
  // Recorded series may have labels that series from a scrape do not have.
  const on = `on (${LEVEL_LABELS})`;
  const allCalls = [...calls].join(` or ${on} `);
  const ratioOf = (failed: string) => `${failed}\n/ ${on}\n((${allCalls}) > 0)`;
  return [
    { record: record(RATE), expr: failedCalls('') },
    { record: record(`bad_${RATE}`), expr: [...strict, failedCalls(NOT_DECLARED)].join(' or ') },
    { record: record(`ratio_${RATE}`), expr: ratioOf(record(RATE)) },
    { record: record(`bad_ratio_${RATE}`), expr: ratioOf(record(`bad_${RATE}`)) },
  ];
}

/** Without calls the quantile is NaN, which the comparison drops. */
function quantileRules(name: string, storage: HistogramStorage): PrometheusRecordingRule[] {
  const histogram = { name, matchers: '', range: RATE_WINDOW, by: LEVEL_LABELS };
  return Object.entries(QUANTILES).map(([title, quantile]) => ({
    record: recordName(name, `${title}_${RATE_WINDOW}`),
    expr: `${quantileOf(histogram, quantile, storage)} >= 0`,
  }));
}

/** Returns rules for one target of an objective: rates, error ratios, the remaining error budget, and the target. */
export function objectiveRules(
  expressions: ObjectiveExpressions,
  rates: readonly BurnRate[],
): PrometheusRecordingRule[] {
  const { subject, indicator } = expressions;
  const { service, method } = subject;
  const { kind, target, window } = indicator;
  const level = levelOf(subject);
  const labels = {
    [LABEL.service]: service.toWellFormed(),
    ...(method !== undefined && { [LABEL.method]: method.toWellFormed() }),
    [OBJECTIVE_LABEL]: kind,
  };
  const record = (metric: string, operation: string, expr: string): PrometheusRecordingRule => ({
    record: recordName(metric, operation, level),
    expr,
    labels,
  });
  const calls = objectiveSeries(expressions, 'thrift_objective_calls', RATE);
  const errors = objectiveSeries(expressions, 'thrift_objective_errors', RATE);
  // Sums the recorded rates, because reading weeks of raw samples at each evaluation is too expensive.
  const spent = ratio(`sum_over_time(${errors}[${window}])`, `sum_over_time(${calls}[${window}])`);
  return [
    record('thrift_objective_calls', RATE, expressions.calls(RATE_WINDOW)),
    record('thrift_objective_errors', RATE, expressions.errors(RATE_WINDOW)),
    record('thrift_objective_errors', `ratio_${RATE}`, ratio(errors, calls)),
    ...alertWindows(rates).map((range) =>
      record(
        'thrift_objective_errors',
        `ratio_rate${range}`,
        ratio(expressions.errors(range), expressions.calls(range)),
      ),
    ),
    record(
      'thrift_objective_error_budget',
      'remaining_ratio',
      `1 - (\n${spent}\n) / (1 - ${target})`,
    ),
    {
      record: targetName(level),
      expr: `vector(${target})`,
      labels: {
        ...labels,
        window,
        ...(indicator.kind === 'latency' && { within: String(indicator.within) }),
      },
    },
  ];
}

/** Divides bad calls by all calls. Without calls there is no ratio and no sample. */
function ratio(errors: string, calls: string): string {
  return `${errors}\n/\n((${calls}) > 0)`;
}

/** The windows of all burn rates from short to long, without {@link RATE_WINDOW}, which is always recorded. */
function alertWindows(rates: readonly BurnRate[]): string[] {
  const windows = new Set(rates.flatMap(({ long, short }) => [short, long]));
  windows.delete(RATE_WINDOW);
  return [...windows].toSorted((a, b) => minutesOfDuration(a) - minutesOfDuration(b));
}
