import type { DeclaredMetric } from '../../declaration/describe';
import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { ObjectiveIndicator } from '../../slo/objective-indicator';
import type { ObjectiveSubject } from '../../slo/objective-subject';
import type { RangeExpression } from '../call-expressions';
import { groupBy } from '../group-by';
import type { HistogramStorage } from '../histogram-expressions';
import { type Counts, countsKey, countsOf } from '../objective-counts';
import { anyOf, bucketMatcher, matchersOf, NOT_DECLARED, selector } from '../promql';
import { levelOf, METHOD_LEVEL } from './recorded-series';

/** The PromQL of one target of an objective. */
export interface ObjectiveExpressions {
  readonly subject: ObjectiveSubject;
  /** The target. If methods share it, the indicator of the first of them. */
  readonly indicator: ObjectiveIndicator;
  /** All calls. */
  readonly calls: RangeExpression;
  /** The bad calls. */
  readonly errors: RangeExpression;
  /** Expressions that return a sample if series are missing that the service exports before its first call. */
  readonly absent: readonly string[];
}

/** @param indicators one for each method that the subject covers, all with the same target */
export function objectiveExpressions(
  subject: ObjectiveSubject,
  indicators: readonly [ObjectiveIndicator, ...ObjectiveIndicator[]],
  storage: HistogramStorage,
): ObjectiveExpressions {
  // Methods whose metrics have the same names are counted by one expression.
  const groups = [...groupBy(indicators, countsKey).values()];
  const level = levelOf(subject);
  const by = groups.length === 1 ? level.labels : METHOD_LEVEL.labels;
  const isWhole = groups.length === 1 && subject.isWholeService;
  const counts = groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const methods = group.map(({ method }) => method);
    const matchers = matchersOf(
      { service: subject.service },
      ...(isWhole ? [] : [anyOf(LABEL.method, methods)]),
    );
    return [countsOf(first, matchers, by, storage)];
  });
  const [only] = counts;
  const sumOf =
    (part: keyof Counts): RangeExpression =>
    (range, of) => {
      if (only !== undefined && counts.length === 1) return only[part](range, of);
      const parts = counts.map((count) => count[part](range, of));
      return `sum by (${level.labels}) (${parts.join(' or ')})`;
    };
  return {
    subject,
    indicator: indicators[0],
    calls: sumOf('calls'),
    errors: sumOf('errors'),
    absent: [...new Set(indicators.flatMap((indicator) => absentOf(indicator, storage)))],
  };
}

function absentOf(indicator: ObjectiveIndicator, storage: HistogramStorage): string[] {
  const { service } = indicator;
  if (indicator.kind === 'availability') {
    const { calls, failures, declaredExceptionsAreErrors } = indicator;
    const isBad = declaredExceptionsAreErrors ? [] : [NOT_DECLARED];
    const absent = hasCallLabels(calls) ? [] : [absentMetric(calls, service)];
    if (failures.by === 'kind')
      absent.push(`absent(${selector(failures.name, { service }, ...isBad)})`);
    return absent;
  }
  const { latency, within } = indicator;
  if (hasCallLabels(latency)) return [];
  const { name } = latency;
  const bucket = `absent(${selector(`${name}_bucket`, { service }, bucketMatcher(within))})`;
  return [
    storage === 'classic'
      ? bucket
      : `(${bucket} and on (${LABEL.service}) absent(${selector(name, { service })}))`,
  ];
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
