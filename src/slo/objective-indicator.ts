import type { DeclaredMethod, DeclaredMetric } from '../declaration/describe';
import type { DeclaredObjective } from '../declaration/objective';
import { LABEL } from '../metrics/catalogue';
import { LABELS_OF_LEVEL } from '../tools/rules/recording-rules';
import { bucketMatcher, hasCallLabels, metricOf, selector } from '../tools/rules/selector';
import { ThriftMetricsError } from '../validation/errors';

type RangeFunction = 'rate' | 'increase';

/** One promise of an objective, and how Prometheus tells whether it is kept. */
export interface ObjectiveIndicator {
  readonly kind: 'availability' | 'latency';
  readonly service: string;
  readonly method: string;
  /** The share of calls that are to be good. */
  readonly target: number;
  /** The window of the objective. */
  readonly window: string;
  /** Of a latency: in seconds. */
  readonly within?: number;
  /** PromQL of the calls in a range, such as `5m` or `30m offset 1d`, by job and method. */
  calls(range: string, of?: RangeFunction): string;
  /** The same of the calls that were not as promised. */
  errors(range: string, of?: RangeFunction): string;
  /** What has to be there for that, in the whole service: series that do not depend on any call. */
  readonly required: readonly string[];
}

/**
 * The promises of one method.
 *
 * @throws {@link ThriftMetricsError} `TM_ERR_OBJECTIVE` where the method does not record what a promise is about.
 */
export function objectiveIndicators(method: DeclaredMethod): ObjectiveIndicator[] {
  const { objective } = method;
  if (objective === null) return [];
  const { availability, latency } = objective;
  return [
    ...(availability === undefined ? [] : [availabilityIndicator(method, objective, availability)]),
    ...(latency === undefined ? [] : [latencyIndicator(method, objective, latency)]),
  ];
}

function availabilityIndicator(
  method: DeclaredMethod,
  { window, declaredExceptionsAreErrors }: DeclaredObjective,
  target: number,
): ObjectiveIndicator {
  const requests = metricOf(method, 'counted', 'counter');
  const failures = metricOf(method, 'errorsCounted', 'counter');
  if (requests === undefined) throw cannotTell(method, 'an availability', 'calls', '@Counted');
  if (failures === undefined) {
    throw cannotTell(method, 'an availability', 'errors', '@ErrorsCounted');
  }
  const kinds = declaredExceptionsAreErrors ? [] : [`${LABEL.exceptionKind}="undeclared"`];
  const requestSeries = selector(requests.name, method);
  const failureSeries = selector(failures.name, method, ...kinds);
  const calls: ObjectiveIndicator['calls'] = (range, of = 'rate') => sum(of, requestSeries, range);
  return {
    kind: 'availability',
    service: method.service,
    method: method.method,
    target,
    window,
    calls,
    errors: (range, of = 'rate') => {
      const failed = sum(of, failureSeries, range);
      // Before the first error there is no series, and no errors are 0 errors.
      return hasCallLabels(failures) ? `(${failed} or 0 * ${calls(range, of)})` : failed;
    },
    required: [...required(requests, method), ...required(failures, method, ...kinds)],
  };
}

function latencyIndicator(
  method: DeclaredMethod,
  { window }: DeclaredObjective,
  { target, within }: { readonly target: number; readonly within: number },
): ObjectiveIndicator {
  const histogram = metricOf(method, 'timed', 'histogram');
  if (histogram === undefined) throw cannotTell(method, 'a latency', 'latencies', '@Timed');
  const { name } = histogram;
  const bucket = bucketMatcher(within);
  const all = selector(`${name}_count`, method);
  const fast = selector(`${name}_bucket`, method, bucket);
  return {
    kind: 'latency',
    service: method.service,
    method: method.method,
    target,
    window,
    within,
    calls: (range, of = 'rate') => sum(of, all, range),
    errors: (range, of = 'rate') => `(${sum(of, all, range)} - ${sum(of, fast, range)})`,
    required: required({ ...histogram, name: `${name}_bucket` }, method, bucket),
  };
}

function sum(of: RangeFunction, series: string, range: string): string {
  const [window, ...offset] = range.split(' ');
  const samples = [`${series}[${window}]`, ...offset].join(' ');
  return `sum by (${LABELS_OF_LEVEL}) (${of}(${samples}))`;
}

function required(
  metric: DeclaredMetric,
  { service }: DeclaredMethod,
  ...matchers: readonly string[]
): string[] {
  return hasCallLabels(metric) ? [] : [selector(metric.name, { service }, ...matchers)];
}

function cannotTell(
  { declaredBy, method, service }: DeclaredMethod,
  promise: string,
  missing: string,
  decorator: string,
): ThriftMetricsError {
  const where = declaredBy === '' ? `${service}.${method}` : `${declaredBy}.${method}`;
  return new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `@Objective on ${where}: ${promise} is promised, and nothing records the ${missing} of the method; ` +
      `add ${decorator} (or @Instrumented) to it, or give it an objective of its own`,
  );
}
