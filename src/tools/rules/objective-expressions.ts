import type { DeclaredMetric } from '../../declaration/describe';
import { CATALOGUE } from '../../metrics/catalogue';
import type { ObjectiveIndicator } from '../../slo/objective-indicator';
import { bucketMatcher, NOT_DECLARED, selector } from '../promql';
import { LEVEL_LABELS } from './recorded-series';

type RangeFunction = 'rate' | 'increase';

/** The PromQL of one target of an objective. */
export interface ObjectiveExpressions {
  readonly indicator: ObjectiveIndicator;
  /** All calls in a range, such as `5m` or `30m offset 1d`. */
  readonly calls: (range: string, of?: RangeFunction) => string;
  /** The bad calls in a range. */
  readonly errors: (range: string, of?: RangeFunction) => string;
  /** Selectors of the series that the service exports before its first call. If one is missing, so is the service. */
  readonly required: readonly string[];
}

export function objectiveExpressions(indicator: ObjectiveIndicator): ObjectiveExpressions {
  return indicator.kind === 'availability'
    ? availabilityExpressions(indicator)
    : latencyExpressions(indicator);
}

function availabilityExpressions(
  indicator: ObjectiveIndicator & { readonly kind: 'availability' },
): ObjectiveExpressions {
  const { requests, errors, declaredExceptionsAreErrors } = indicator;
  const kinds = declaredExceptionsAreErrors ? [] : [NOT_DECLARED];
  const requestSeries = selector(requests.name, indicator);
  const errorSeries = selector(errors.name, indicator, ...kinds);
  const calls: ObjectiveExpressions['calls'] = (range, of = 'rate') =>
    sum(of, requestSeries, range);
  return {
    indicator,
    calls,
    errors: (range, of = 'rate') => {
      const failed = sum(of, errorSeries, range);
      // The series does not exist before the first error, and must count as 0 until then.
      return hasCallLabels(errors) ? `(${failed} or 0 * ${calls(range, of)})` : failed;
    },
    required: [...required(requests, indicator), ...required(errors, indicator, ...kinds)],
  };
}

function latencyExpressions(
  indicator: ObjectiveIndicator & { readonly kind: 'latency' },
): ObjectiveExpressions {
  const { latency, within } = indicator;
  const { name } = latency;
  const bucket = bucketMatcher(within);
  const all = selector(`${name}_count`, indicator);
  const fast = selector(`${name}_bucket`, indicator, bucket);
  return {
    indicator,
    calls: (range, of = 'rate') => sum(of, all, range),
    errors: (range, of = 'rate') => `(${sum(of, all, range)} - ${sum(of, fast, range)})`,
    required: required({ ...latency, name: `${name}_bucket` }, indicator, bucket),
  };
}

function sum(of: RangeFunction, series: string, range: string): string {
  const [window, ...offset] = range.split(' ');
  const samples = [`${series}[${window}]`, ...offset].join(' ');
  return `sum by (${LEVEL_LABELS}) (${of}(${samples}))`;
}

function required(
  metric: DeclaredMetric,
  { service }: ObjectiveIndicator,
  ...matchers: readonly string[]
): string[] {
  return hasCallLabels(metric) ? [] : [selector(metric.name, { service }, ...matchers)];
}

/** Whether a label depends on the call. If so, no series exists before the first call. */
export function hasCallLabels({ kind, labelNames, labels }: DeclaredMetric): boolean {
  return labelNames.length > CATALOGUE[kind].labels.length + Object.keys(labels).length;
}
