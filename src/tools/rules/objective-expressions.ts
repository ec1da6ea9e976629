import type { DeclaredMetric } from '../../declaration/describe';
import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type {
  AvailabilityIndicator,
  LatencyIndicator,
  ObjectiveIndicator,
} from '../../slo/objective-indicator';
import { callsExpression, failuresExpression, type RangeExpression } from '../call-expressions';
import {
  countAbove,
  countOf,
  type HistogramStorage,
  type RangeFunction,
} from '../histogram-expressions';
import { bucketMatcher, matchersOf, NOT_DECLARED, selector } from '../promql';
import { LEVEL_LABELS } from './recorded-series';

/** The PromQL of one target of an objective. */
export interface ObjectiveExpressions {
  readonly indicator: ObjectiveIndicator;
  /** All calls. */
  readonly calls: RangeExpression;
  /** The bad calls. */
  readonly errors: RangeExpression;
  /** Expressions that return a sample if series are missing that the service exports before its first call. */
  readonly absent: readonly string[];
}

export function objectiveExpressions(
  indicator: ObjectiveIndicator,
  storage: HistogramStorage,
): ObjectiveExpressions {
  return indicator.kind === 'availability'
    ? availabilityExpressions(indicator, storage)
    : latencyExpressions(indicator, storage);
}

function availabilityExpressions(
  indicator: AvailabilityIndicator,
  storage: HistogramStorage,
): ObjectiveExpressions {
  const { calls, failures, declaredExceptionsAreErrors, service } = indicator;
  const isBad = declaredExceptionsAreErrors ? [] : [NOT_DECLARED];
  const absent = hasCallLabels(calls) ? [] : [absentMetric(calls, service)];
  if (failures.by === 'kind')
    absent.push(`absent(${selector(failures.name, { service }, ...isBad)})`);
  return {
    indicator,
    calls: callsExpression(calls, { matchers: matchersOf(indicator), by: LEVEL_LABELS, storage }),
    errors: failuresExpression(failures, {
      matchers: matchersOf(indicator, ...isBad),
      by: LEVEL_LABELS,
      storage,
    }),
    absent,
  };
}

function latencyExpressions(
  indicator: LatencyIndicator,
  storage: HistogramStorage,
): ObjectiveExpressions {
  const { latency, within, service } = indicator;
  const { name } = latency;
  const histogram = (range: string, of: RangeFunction) => ({
    name,
    matchers: matchersOf(indicator),
    range,
    by: LEVEL_LABELS,
    of,
  });
  const bucket = `absent(${selector(`${name}_bucket`, { service }, bucketMatcher(within))})`;
  const absent =
    storage === 'classic'
      ? bucket
      : `(${bucket} and on (${LABEL.service}) absent(${selector(name, { service })}))`;
  return {
    indicator,
    calls: (range, of = 'rate') => countOf(histogram(range, of), storage),
    errors: (range, of = 'rate') => countAbove(histogram(range, of), within, storage),
    absent: hasCallLabels(latency) ? [] : [absent],
  };
}

/** Returns a sample if a metric that counts calls is missing for a service. */
function absentMetric({ kind, name, type }: DeclaredMetric, service: string): string {
  if (kind === 'counted') return `absent(${selector(name, { service })})`;
  const classic = `absent(${selector(`${name}_count`, { service })})`;
  return type === 'summary' ? classic : `(${classic} and absent(${selector(name, { service })}))`;
}

/** Whether a label depends on the call. If so, no series exists before the first call. */
export function hasCallLabels({
  kind,
  labelNames,
  labels,
}: Pick<DeclaredMetric, 'kind' | 'labelNames' | 'labels'>): boolean {
  return labelNames.length > CATALOGUE[kind].labels.length + Object.keys(labels).length;
}
