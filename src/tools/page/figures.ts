import { histogramQuantile } from '../../metrics/histogram-quantile';
import type { SummaryCell } from '../../metrics/summary-cell';
import { outcomeSources, showsBadCalls } from '../../slo/outcome';
import type { MethodHistory } from './method-history';
import type { CounterHistory } from './sampled-values';
import { secondsOf, type Window } from './timeline';

/** The increase of a counter in a window. */
export function countIn(counter: CounterHistory, { timeline, from, to }: Window): number {
  return counter.between(timeline.slot(from), timeline.slot(to));
}

/** The rate of a count, or null if the window is empty. */
export function perSecond(count: number, window: Window): number | null {
  const seconds = secondsOf(window);
  return seconds > 0 ? count / seconds : null;
}

/** The number of calls. Null if no metric counts them. */
export function callsIn(history: MethodHistory, window: Window): number | null {
  const { calls } = outcomeSources(history.kinds);
  if (calls === null) return null;
  if (calls === 'counted') return countIn(history.requests, window);
  return countIn(history.ok, window) + countIn(history.failed, window);
}

/** The number of failed calls, of every kind. Null if no metric counts them. */
export function failedIn(history: MethodHistory, window: Window): number | null {
  const { failures } = outcomeSources(history.kinds);
  if (failures === null) return null;
  if (failures === 'timed') return countIn(history.failed, window);
  return countIn(history.declared, window) + countIn(history.undeclared, window);
}

/** The number of bad calls, which count against an objective. Null if the metrics do not tell them from other failed calls. */
export function badIn(history: MethodHistory, window: Window): number | null {
  const { declaredExceptionsAreErrors, kinds } = history;
  const sources = outcomeSources(kinds);
  if (!showsBadCalls(sources, declaredExceptionsAreErrors)) return null;
  return countIn(sources.failures === 'timed' ? history.failed : history.bad, window);
}

/** The rate of a count, or null if the count is unknown or the window is empty. */
export function rateOf(count: number | null, window: Window): number | null {
  return count === null ? null : perSecond(count, window);
}

/** A fraction of calls, or null if it is not defined. A call can arrive in one window and fail in the next. */
export function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : Math.min(1, part / whole);
}

/** The number of successful calls, or of all calls if nothing counts failures. Null if nothing counts calls. */
export function okIn(history: MethodHistory, window: Window): number | null {
  if (history.kinds.has('timed')) return countIn(history.ok, window);
  const calls = callsIn(history, window);
  const failed = failedIn(history, window);
  // The difference can be negative, because a call may arrive in one window and fail in the next.
  return calls === null || failed === null ? calls : Math.max(0, calls - failed);
}

/** The number of calls in each bucket. */
export function bucketsIn({ buckets }: MethodHistory, window: Window): number[] {
  return buckets.map((bucket) => countIn(bucket, window));
}

/** A latency quantile in seconds, or null without a histogram or without calls. */
export function latencyIn(history: MethodHistory, window: Window, q: number): number | null {
  const { bounds } = history;
  return bounds === null ? null : histogramQuantile(q, bounds, bucketsIn(history, window));
}

/** A quantile of summaries in seconds, over the ten minutes that they cover by themselves. Null without calls. */
export function summaryQuantile(
  [first, ...others]: readonly SummaryCell[],
  q: number,
): number | null {
  if (first === undefined) return null;
  const window = first.window();
  for (const other of others) window.merge(other.window());
  return window.count === 0 ? null : window.quantile(q);
}
