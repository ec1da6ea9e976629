import type { DeclaredMetric } from '../declaration/describe';
import { LABEL } from '../metrics/catalogue';
import type { FailedCalls } from '../slo/objective-indicator';
import {
  countOf,
  type HistogramStorage,
  type RangeFunction,
  sumOverRange,
} from './histogram-expressions';

/** Counts calls in a range, such as `5m` or `30m offset 1d`. */
export type RangeExpression = (range: string, of?: RangeFunction) => string;

/** The series that an expression reads, and the labels that it sums by. */
export interface Selection {
  /** Label matchers, without braces. May be empty. */
  readonly matchers: string;
  readonly by: string;
  readonly storage: HistogramStorage;
}

/** Counts the calls that a metric records. */
export function callsExpression(
  { kind, name, type }: Pick<DeclaredMetric, 'kind' | 'name' | 'type'>,
  { matchers, by, storage }: Selection,
): RangeExpression {
  return (range, of = 'rate') => {
    if (kind === 'counted') return sumOverRange(`${name}{${matchers}}`, { by, of, range });
    // Native histograms are an alternative for histograms, not for summaries.
    return countOf({ name, matchers, range, by, of }, type === 'summary' ? 'classic' : storage);
  };
}

/** Counts the failed calls. */
export function failuresExpression(failures: FailedCalls, selection: Selection): RangeExpression {
  const { matchers, by } = selection;
  if (failures.by === 'success') {
    const failed = `${matchers},${LABEL.success}="false"`.replace(/^,/, '');
    return callsExpression(failures.metric, { ...selection, matchers: failed });
  }
  const series = `${failures.name}{${matchers}}`;
  return (range, of = 'rate') => sumOverRange(series, { by, of, range });
}
