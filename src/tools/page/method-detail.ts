import { declaredMethods } from '../../declaration/describe';
import { histogramQuantile } from '../../metrics/histogram-quantile';
import type { SummaryCell } from '../../metrics/summary-cell';
import type { ErrorCount, MethodDetail } from './browser/protocol';
import type { CounterHistory, MethodHistory } from './method-history';
import { createBudgets } from './overview';
import { describeSpan, secondsOf, stepsOf, type Window } from './timeline';

/** As many as a chart shows. */
const MOST_STEPS = 60;

/** All that the page shows of one method once it is opened. */
export function createDetail(
  history: MethodHistory,
  window: Window,
  beganAt: number,
): MethodDetail {
  const { service, method, bounds, summaries } = history;
  const declared = declaredMethods().find(
    (other) => other.service === service && other.method === method,
  );
  const steps = stepsOf(window, MOST_STEPS);
  const { from, timeline } = window;
  const span = describeSpan(window, beganAt);
  const percentiles = (q: number) => steps.map((step) => latencyIn(history, step, q));
  const objective = declared?.objective ?? null;
  return {
    ...span,
    service,
    method,
    declaredBy: declared?.declaredBy ?? '',
    metrics: (declared?.metrics ?? []).map(({ name, type }) => ({ name, type })),
    times: steps.map(({ to }) => span.from + timeline.time(to) - timeline.time(from)),
    ok: steps.map((step) => rate(okIn(history, step), step)),
    declared: steps.map((step) => perSecond(countIn(history.declared, step), step)),
    undeclared: steps.map((step) => perSecond(undeclaredIn(history, step), step)),
    latency: bounds !== null ? 'histogram' : summaries.length > 0 ? 'summary' : 'none',
    p50: percentiles(0.5),
    p95: percentiles(0.95),
    p99: percentiles(0.99),
    bounds: bounds ?? [],
    heat: bounds === null ? [] : steps.map((step) => bucketsIn(history, step)),
    errors: errorsIn(history, window),
    objectiveWindow: objective?.window ?? null,
    budgets: objective === null ? [] : createBudgets(history, objective, window),
  };
}

/** Of a method that does not count errors by kind, every failure may be one that nobody declared. */
function undeclaredIn(history: MethodHistory, window: Window): number {
  return countIn(history.kinds.has('errorsCounted') ? history.undeclared : history.failed, window);
}

function rate(count: number | null, window: Window): number | null {
  return count === null ? null : perSecond(count, window);
}

/** Those that occurred, the most frequent first. */
function errorsIn({ errors, otherErrors }: MethodHistory, window: Window): ErrorCount[] {
  const kept = [...errors.values()].map(({ kind, type, counts }) =>
    describeErrors(kind, type, countIn(counts, window), window),
  );
  const others = describeErrors('', null, countIn(otherErrors, window), window);
  return [...kept, others].filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
}

function describeErrors(
  kind: string,
  type: string | null,
  count: number,
  window: Window,
): ErrorCount {
  return { kind, type, count, rate: perSecond(count, window) ?? 0 };
}

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
