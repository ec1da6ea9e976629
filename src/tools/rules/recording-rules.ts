import type { DeclaredMethod } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import { type BurnRate, minutesOfDuration } from '../../slo/burn-rates';
import type { ObjectiveIndicator } from '../../slo/objective-indicator';
import type { PrometheusRecordingRule } from './prometheus-rules';
import { hasCallLabels, metricOf, selector } from './selector';

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** Rate, error ratio and latency quantiles of all methods, by metric: most methods share theirs. */
export function recordingRules(methods: readonly DeclaredMethod[]): PrometheusRecordingRule[] {
  const counters = new Set<string>();
  const histograms = new Set<string>();
  const ratios = new Map<string, ErrorRatio>();
  for (const method of methods) {
    const requests = metricOf(method, 'counted', 'counter');
    const errors = metricOf(method, 'errorsCounted', 'counter');
    const latency = metricOf(method, 'timed', 'histogram');
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

/** Of the methods that share an error counter. */
interface ErrorRatio {
  /** The recorded rates of their calls. */
  readonly requests: Set<string>;
  /** Those of methods whose error series are not there before the first error. */
  readonly zeros: string[];
}

function rateName(metric: string): string {
  return recordName(metric, `rate${RATE_WINDOW}`);
}

function rateRule(metric: string): PrometheusRecordingRule {
  return {
    record: rateName(metric),
    expr: `sum by (${LABELS_OF_LEVEL}) (rate(${metric}[${RATE_WINDOW}]))`,
  };
}

/** Without calls there is no ratio, and no sample; without errors it is 0. */
function errorRatioRule(errors: string, { requests, zeros }: ErrorRatio): PrometheusRecordingRule {
  const failed = [rateName(errors), ...zeros.map((calls) => `0 * ${calls}`)].join(' or ');
  return {
    record: recordName(errors, `ratio_rate${RATE_WINDOW}`),
    expr: `(${failed})\n/\n((${[...requests].join(' or ')}) > 0)`,
  };
}

/** The quantile of no calls is NaN, which the comparison drops. */
function quantileRules(histogram: string): PrometheusRecordingRule[] {
  const buckets = `sum by (${LABELS_OF_LEVEL}, le) (rate(${histogram}_bucket[${RATE_WINDOW}]))`;
  return Object.entries(QUANTILES).map(([name, quantile]) => ({
    record: recordName(histogram, `${name}_${RATE_WINDOW}`),
    expr: `histogram_quantile(${quantile}, ${buckets}) >= 0`,
  }));
}

/** Which promise of an objective a series is about. */
export const OBJECTIVE_LABEL = 'thrift_objective';

/** The share of calls that were not as promised, over one window. */
export function errorRatioSeries(indicator: ObjectiveIndicator, window: string): string {
  return seriesOf(indicator, 'thrift_objective_errors', `ratio_rate${window}`);
}

/** What alerts and dashboards need of one promise: rates, error ratios, what is left of the budget, and the target. */
export function objectiveRules(
  indicator: ObjectiveIndicator,
  rates: readonly BurnRate[],
): PrometheusRecordingRule[] {
  const { kind, service, method, target, window, within } = indicator;
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
  const calls = seriesOf(indicator, 'thrift_objective_calls', operation);
  const errors = seriesOf(indicator, 'thrift_objective_errors', operation);
  // Over the recorded rates, since the raw samples of weeks are too many to be read at each evaluation.
  const spent = ratio(`sum_over_time(${errors}[${window}])`, `sum_over_time(${calls}[${window}])`);
  return [
    record('thrift_objective_calls', operation, indicator.calls(RATE_WINDOW)),
    record('thrift_objective_errors', operation, indicator.errors(RATE_WINDOW)),
    record('thrift_objective_errors', `ratio_rate${RATE_WINDOW}`, ratio(errors, calls)),
    ...windowsOf(rates).map((range) =>
      record(
        'thrift_objective_errors',
        `ratio_rate${range}`,
        ratio(indicator.errors(range), indicator.calls(range)),
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
      labels: { ...labels, window, ...(within !== undefined && { within: String(within) }) },
    },
  ];
}

/** Without calls there is no ratio, and no sample. */
function ratio(errors: string, calls: string): string {
  return `${errors}\n/\n(${calls} > 0)`;
}

/** From short to long, without the one that is always recorded. */
function windowsOf(rates: readonly BurnRate[]): string[] {
  const windows = new Set(rates.flatMap(({ long, short }) => [short, long]));
  windows.delete(RATE_WINDOW);
  return [...windows].toSorted((a, b) => minutesOfDuration(a) - minutesOfDuration(b));
}

function seriesOf(indicator: ObjectiveIndicator, metric: string, operation: string): string {
  const kind = `${OBJECTIVE_LABEL}="${indicator.kind}"`;
  return selector(recordName(metric, operation), indicator, kind);
}

/** What the rules aggregate by, short, as it stands at the beginning of their names. */
const LEVEL = 'job_service_method';

/** The same as PromQL has it in a `by`. The job keeps deployments apart that serve the same service. */
export const LABELS_OF_LEVEL = ['job', LABEL.service, LABEL.method].join(', ');

/** The window of rates that no alert asks for. */
export const RATE_WINDOW = '5m';

/** Name of a recorded series. A colon in the name of a metric would be taken for the next part. */
export function recordName(metric: string, operation: string): string {
  return `${LEVEL}:${metric.replace(/_total$/, '').replaceAll(':', '_')}:${operation}`;
}
