import type { DeclaredMethod, DeclaredMetric } from '../declaration/describe';
import type { DeclaredObjective } from '../declaration/objective';
import type { MetricKind } from '../metrics/catalogue';
import { outcomeSources, showsBadCalls } from './outcome';

/** The metrics of one method that objectives and rules read. If several count the same calls, the first one is used. */
export interface CallMetrics {
  /** Counts the calls: a counter, or else a histogram or summary. Undefined if no metric does. */
  readonly calls: DeclaredMetric | undefined;
  /** Counts the failed calls. Undefined if no metric does. */
  readonly failures: FailedCalls | undefined;
  /** Histogram of the latency. Undefined for a summary, because its quantiles cannot be combined. */
  readonly latency: DeclaredMetric | undefined;
}

/** What counts the failed calls of a method. */
export type FailedCalls =
  | {
      readonly by: 'kind';
      /** Name of the counter of failed calls by kind, including the prefix. */
      readonly name: string;
    }
  | {
      readonly by: 'success';
      /** The histogram or summary whose observations have the label `thrift_success`. */
      readonly metric: DeclaredMetric;
    };

export function callMetrics(method: DeclaredMethod): CallMetrics {
  const { metrics, failedRequests } = method;
  const first = (kind: MetricKind | null): DeclaredMetric | undefined =>
    metrics.find((metric) => metric.kind === kind);
  const { calls, failures } = outcomeSources(kindsOf(method));
  const timed = first('timed');
  return {
    calls: first(calls),
    failures:
      failures === 'errorsCounted'
        ? { by: 'kind', name: failedRequests }
        : timed && { by: 'success', metric: timed },
    latency: metrics.find(({ kind, type }) => kind === 'timed' && type === 'histogram'),
  };
}

function kindsOf({ metrics }: DeclaredMethod): Set<MetricKind> {
  return new Set(metrics.map(({ kind }) => kind));
}

/** A target of the objective of one method. */
interface ObjectiveTarget {
  readonly service: string;
  readonly method: string;
  /** Fraction of calls that must be good. */
  readonly target: number;
  /** Time over which the fraction is taken, as a Prometheus duration. */
  readonly window: string;
}

/** Measures the fraction of calls that are not bad. */
export interface AvailabilityIndicator extends ObjectiveTarget {
  readonly kind: 'availability';
  readonly calls: DeclaredMetric;
  /** Those with a declared exception are bad only if `declaredExceptionsAreErrors` is set. */
  readonly failures: FailedCalls;
  readonly declaredExceptionsAreErrors: boolean;
}

/** Measures the fraction of settled calls that take at most `within`, whether they succeed or fail. */
export interface LatencyIndicator extends ObjectiveTarget {
  readonly kind: 'latency';
  /** Has a bucket with the bound `within`. */
  readonly latency: DeclaredMetric;
  /** In seconds. */
  readonly within: number;
}

/** What is good, what is bad, and out of what, for one target of an objective. */
export type ObjectiveIndicator = AvailabilityIndicator | LatencyIndicator;

/** A target without an indicator, because the method does not declare the metric that it needs. */
export interface UnmeasuredTarget {
  readonly kind: 'unmeasured';
  readonly option: 'availability' | 'latency';
  /** What no metric records. */
  readonly missing: 'calls' | 'errors' | 'latency';
  /** The decorator that records it. */
  readonly decorator: '@Counted' | '@ErrorsCounted' | '@Timed';
}

/** Returns one entry for each target of the method's objective: availability, latency, or both. */
export function objectiveIndicators(
  method: DeclaredMethod,
): (ObjectiveIndicator | UnmeasuredTarget)[] {
  const { objective } = method;
  if (objective === null) return [];
  const { availability, latency } = objective;
  return [
    ...(availability === undefined ? [] : [availabilityIndicator(method, objective, availability)]),
    ...(latency === undefined ? [] : [latencyIndicator(method, objective, latency)]),
  ];
}

function availabilityIndicator(
  declared: DeclaredMethod,
  { window, declaredExceptionsAreErrors }: DeclaredObjective,
  target: number,
): AvailabilityIndicator | UnmeasuredTarget {
  const option = 'availability';
  const { calls, failures } = callMetrics(declared);
  if (calls === undefined) return unmeasured(option, 'calls', '@Counted');
  const isShown = showsBadCalls(outcomeSources(kindsOf(declared)), declaredExceptionsAreErrors);
  if (failures === undefined || !isShown) return unmeasured(option, 'errors', '@ErrorsCounted');
  const { service, method } = declared;
  return {
    kind: option,
    service,
    method,
    target,
    window,
    calls,
    failures,
    declaredExceptionsAreErrors,
  };
}

function latencyIndicator(
  declared: DeclaredMethod,
  { window }: DeclaredObjective,
  { target, within }: { readonly target: number; readonly within: number },
): LatencyIndicator | UnmeasuredTarget {
  const option = 'latency';
  const { latency } = callMetrics(declared);
  if (latency === undefined) return unmeasured(option, 'latency', '@Timed');
  const { service, method } = declared;
  return { kind: option, service, method, target, window, latency, within };
}

function unmeasured(
  option: UnmeasuredTarget['option'],
  missing: UnmeasuredTarget['missing'],
  decorator: UnmeasuredTarget['decorator'],
): UnmeasuredTarget {
  return { kind: 'unmeasured', option, missing, decorator };
}
