import type {
  AvailabilityIndicator,
  LatencyIndicator,
  ObjectiveIndicator,
} from '../slo/objective-indicator';
import { callsExpression, failuresExpression, type RangeExpression } from './call-expressions';
import {
  countAbove,
  countOf,
  type HistogramStorage,
  type RangeFunction,
} from './histogram-expressions';
import { NOT_DECLARED } from './promql';

/** Counts the calls of one or more methods, and the bad ones among them. */
export interface Counts {
  readonly calls: RangeExpression;
  readonly errors: RangeExpression;
}

/** Counts the calls that a target covers, and the bad ones. */
export function countsOf(
  indicator: ObjectiveIndicator,
  matchers: string,
  by: string,
  storage: HistogramStorage,
): Counts {
  return indicator.kind === 'availability'
    ? availabilityCounts(indicator, matchers, by, storage)
    : latencyCounts(indicator, matchers, by, storage);
}

/** What is the same for indicators that one expression can count, and different for others. */
export function countsKey(indicator: ObjectiveIndicator): string {
  const { calls, errors } = countsOf(indicator, '', '', 'any');
  return calls('') + errors('');
}

function availabilityCounts(
  { calls, failures, declaredExceptionsAreErrors }: AvailabilityIndicator,
  matchers: string,
  by: string,
  storage: HistogramStorage,
): Counts {
  const bad = declaredExceptionsAreErrors ? matchers : `${matchers},${NOT_DECLARED}`;
  return {
    calls: callsExpression(calls, { matchers, by, storage }),
    errors: failuresExpression(failures, { matchers: bad, by, storage }),
  };
}

function latencyCounts(
  { latency: { name }, within }: LatencyIndicator,
  matchers: string,
  by: string,
  storage: HistogramStorage,
): Counts {
  const histogram = (range: string, of: RangeFunction) => ({ name, matchers, range, by, of });
  return {
    calls: (range, of = 'rate') => countOf(histogram(range, of), storage),
    errors: (range, of = 'rate') => countAbove(histogram(range, of), within, storage),
  };
}
