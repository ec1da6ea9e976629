import { histogramQuantile } from '../../metrics/histogram-quantile';
import type { SummaryCell } from '../../metrics/summary-cell';
import type { CounterHistory, MethodHistory } from './method-history';
import { secondsOf, type Window } from './timeline';

/** What a counter grew by over a window. */
export function countIn(counter: CounterHistory, { timeline, from, to }: Window): number {
  return counter.between(timeline.slot(from), timeline.slot(to));
}

export function perSecond(count: number, window: Window): number | null {
  const seconds = secondsOf(window);
  return seconds > 0 ? count / seconds : null;
}

/** Calls that settled in a window, where they are timed. */
function settledIn(history: MethodHistory, window: Window): number {
  return countIn(history.ok, window) + countIn(history.failed, window);
}

/** Calls in a window: as they arrived, else as they settled. Null where neither is measured. */
export function callsIn(history: MethodHistory, window: Window): number | null {
  if (history.kinds.has('counted')) return countIn(history.requests, window);
  return history.kinds.has('timed') ? settledIn(history, window) : null;
}

/** What errors are a share of: calls that settled, where that is measured, since those in flight have yet to fail. */
export function endedIn(history: MethodHistory, window: Window): number | null {
  return history.kinds.has('timed') ? settledIn(history, window) : callsIn(history, window);
}

/** Calls that failed in a window, however they did. */
export function failedIn(history: MethodHistory, window: Window): number | null {
  if (history.kinds.has('timed')) return countIn(history.failed, window);
  if (!history.kinds.has('errorsCounted')) return null;
  return countIn(history.declared, window) + countIn(history.undeclared, window);
}

/** A share, or null where there is nothing to have a share of. */
export function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

/** Calls that ended well in a window. */
export function okIn(history: MethodHistory, window: Window): number | null {
  if (history.kinds.has('timed')) return countIn(history.ok, window);
  const calls = callsIn(history, window);
  const failed = failedIn(history, window);
  // A call may arrive in one window and fail in the next.
  return calls === null || failed === null ? calls : Math.max(0, calls - failed);
}

export function bucketsIn({ buckets }: MethodHistory, window: Window): number[] {
  return buckets.map((bucket) => countIn(bucket, window));
}

/** A latency in seconds that this share of the calls in a window kept to. */
export function latencyIn(history: MethodHistory, window: Window, q: number): number | null {
  const { bounds } = history;
  return bounds === null ? null : histogramQuantile(q, bounds, bucketsIn(history, window));
}

/** A quantile of a summary, over the ten minutes that it keeps by itself. */
export function summaryQuantile(
  [first, ...others]: readonly SummaryCell[],
  q: number,
): number | null {
  if (first === undefined) return null;
  const window = first.window();
  for (const other of others) window.merge(other.window());
  return window.count === 0 ? null : window.quantile(q);
}
