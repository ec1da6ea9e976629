import type { DeclaredMethod, DeclaredMetric } from '../declaration/describe';
import type { DeclaredObjective } from '../declaration/objective';
import type { MetricKind } from '../metrics/catalogue';

/** The metrics of one method that objectives and rules read. Undefined if the method does not declare such a metric. */
interface CallMetrics {
  /** Counts the calls. */
  readonly requests: DeclaredMetric | undefined;
  /** Counts the failed calls. */
  readonly errors: DeclaredMetric | undefined;
  /** Histogram of the latency. A summary does not count, because its quantiles cannot be combined. */
  readonly latency: DeclaredMetric | undefined;
}

/** Finds the metrics of a method. If several metrics count the same calls, the first one is used. */
export function callMetrics({ metrics }: DeclaredMethod): CallMetrics {
  const first = (kind: MetricKind, type: DeclaredMetric['type']): DeclaredMetric | undefined =>
    metrics.find((metric) => metric.kind === kind && metric.type === type);
  return {
    requests: first('counted', 'counter'),
    errors: first('errorsCounted', 'counter'),
    latency: first('timed', 'histogram'),
  };
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

/** Measures the fraction of arriving calls that do not fail. */
interface AvailabilityIndicator extends ObjectiveTarget {
  readonly kind: 'availability';
  /** Counts all calls. */
  readonly requests: DeclaredMetric;
  /** Counts the failed calls. Those with a declared exception are bad only if `declaredExceptionsAreErrors` is set. */
  readonly errors: DeclaredMetric;
  readonly declaredExceptionsAreErrors: boolean;
}

/** Measures the fraction of settled calls that take at most `within`, whether they succeed or fail. */
interface LatencyIndicator extends ObjectiveTarget {
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
  const { requests, errors } = callMetrics(declared);
  if (requests === undefined) return unmeasured(option, 'calls', '@Counted');
  if (errors === undefined) return unmeasured(option, 'errors', '@ErrorsCounted');
  const { service, method } = declared;
  return {
    kind: option,
    service,
    method,
    target,
    window,
    requests,
    errors,
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
