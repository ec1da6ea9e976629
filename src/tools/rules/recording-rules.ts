import type { DeclaredMethod } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import type { BurnRate } from '../../slo/burn-rates';
import { minutesOfDuration } from '../../slo/duration';
import { callMetrics } from '../../slo/objective-indicator';
import { selector } from '../promql';
import { hasCallLabels, type ObjectiveExpressions } from './objective-expressions';
import type { PrometheusRecordingRule } from './prometheus-rules';
import {
  LEVEL_LABELS,
  OBJECTIVE_LABEL,
  objectiveSeries,
  RATE_WINDOW,
  recordName,
} from './recorded-series';

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** Returns rules for rates, error ratios and latency quantiles: one set per metric, because methods share metrics. */
export function methodRules(methods: readonly DeclaredMethod[]): PrometheusRecordingRule[] {
  const counters = new Set<string>();
  const histograms = new Set<string>();
  const ratios = new Map<string, ErrorRatio>();
  for (const method of methods) {
    const { requests, errors, latency } = callMetrics(method);
    if (requests !== undefined) counters.add(requests.name);
    if (errors !== undefined) counters.add(errors.name);
    if (latency !== undefined) histograms.add(latency.name);
    if (requests === undefined || errors === undefined) continue;
    const operands = ratios.get(errors.name) ?? { requests: new Set(), zeros: [] };
    ratios.set(errors.name, operands);
    operands.requests.add(rateName(requests.name));
    if (hasCallLabels(errors)) operands.zeros.push(selector(rateName(requests.name), method));
  }
  return [
    ...[...counters].map(rateRule),
    ...[...ratios].map(([errors, operands]) => errorRatioRule(errors, operands)),
    ...[...histograms].flatMap(quantileRules),
  ];
}

/** The operands of the error ratio of all methods that share an error counter. */
interface ErrorRatio {
  /** Recorded call rates of the methods. */
  readonly requests: Set<string>;
  /** Recorded call rates of the methods whose error series do not exist before the first error. */
  readonly zeros: string[];
}

function rateName(metric: string): string {
  return recordName(metric, `rate${RATE_WINDOW}`);
}

function rateRule(metric: string): PrometheusRecordingRule {
  return {
    record: rateName(metric),
    expr: `sum by (${LEVEL_LABELS}) (rate(${metric}[${RATE_WINDOW}]))`,
  };
}

/** The ratio is 0 without errors. Without calls it has no sample. */
function errorRatioRule(errors: string, { requests, zeros }: ErrorRatio): PrometheusRecordingRule {
  const failed = [rateName(errors), ...zeros.map((calls) => `0 * ${calls}`)].join(' or ');
  return {
    record: recordName(errors, `ratio_rate${RATE_WINDOW}`),
    expr: `(${failed})\n/\n((${[...requests].join(' or ')}) > 0)`,
  };
}

/** Without calls the quantile is NaN, which the comparison drops. */
function quantileRules(histogram: string): PrometheusRecordingRule[] {
  const buckets = `sum by (${LEVEL_LABELS}, le) (rate(${histogram}_bucket[${RATE_WINDOW}]))`;
  return Object.entries(QUANTILES).map(([name, quantile]) => ({
    record: recordName(histogram, `${name}_${RATE_WINDOW}`),
    expr: `histogram_quantile(${quantile}, ${buckets}) >= 0`,
  }));
}

/** Returns rules for one target of an objective: rates, error ratios, the remaining error budget, and the target. */
export function objectiveRules(
  expressions: ObjectiveExpressions,
  rates: readonly BurnRate[],
): PrometheusRecordingRule[] {
  const { indicator } = expressions;
  const { kind, service, method, target, window } = indicator;
  const labels = {
    [LABEL.service]: service.toWellFormed(),
    [LABEL.method]: method.toWellFormed(),
    [OBJECTIVE_LABEL]: kind,
  };
  const record = (metric: string, operation: string, expr: string): PrometheusRecordingRule => ({
    record: recordName(metric, operation),
    expr,
    labels,
  });
  const operation = `rate${RATE_WINDOW}`;
  const calls = objectiveSeries(indicator, 'thrift_objective_calls', operation);
  const errors = objectiveSeries(indicator, 'thrift_objective_errors', operation);
  // Sums the recorded rates, because reading weeks of raw samples at each evaluation is too expensive.
  const spent = ratio(`sum_over_time(${errors}[${window}])`, `sum_over_time(${calls}[${window}])`);
  return [
    record('thrift_objective_calls', operation, expressions.calls(RATE_WINDOW)),
    record('thrift_objective_errors', operation, expressions.errors(RATE_WINDOW)),
    record('thrift_objective_errors', `ratio_rate${RATE_WINDOW}`, ratio(errors, calls)),
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
      record: 'service_method:thrift_objective_target:info',
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
  return `${errors}\n/\n(${calls} > 0)`;
}

/** The windows of all burn rates from short to long, without {@link RATE_WINDOW}, which is always recorded. */
function alertWindows(rates: readonly BurnRate[]): string[] {
  const windows = new Set(rates.flatMap(({ long, short }) => [short, long]));
  windows.delete(RATE_WINDOW);
  return [...windows].toSorted((a, b) => minutesOfDuration(a) - minutesOfDuration(b));
}
