import { declaredMethods } from '../../declaration/describe';
import type { Runtime } from '../../runtime/runtime';
import { objectiveSubjects } from '../../slo/objective-subject';
import { createBudgets } from './budgets';
import type { ErrorCount, MethodDetail } from './browser/protocol';
import { bucketsIn, countIn, latencyIn, okIn, perSecond, rateOf } from './figures';
import type { MethodHistory } from './method-history';
import { methodKey } from './method-reader';
import type { CounterHistory } from './sampled-values';
import { splitTime } from './time-split';
import { describeSpan, secondsOf, stepsOf, trendOf, type Window } from './timeline';

/** Maximum number of points in a chart. */
const MAX_STEPS = 60;

/** Describes one method, as the page shows it when it is opened. `histories` are those of all methods, by key. */
export function createDetail(
  runtime: Runtime,
  history: MethodHistory,
  histories: ReadonlyMap<string, MethodHistory>,
  window: Window,
  startedAt: number,
): MethodDetail {
  const { service, method, bounds, summaries } = history;
  const methods = declaredMethods(runtime);
  const declared = methods.find((other) => other.service === service && other.method === method);
  const steps = stepsOf(window, MAX_STEPS);
  const { from, timeline } = window;
  const span = describeSpan(window, startedAt);
  const trend = (figureIn: (step: Window) => number | null) => trendOf(steps, figureIn);
  const percentiles = (q: number) => trend((step) => latencyIn(history, step, q));
  const objective = declared?.objective ?? null;
  const covered = objectiveSubjects(methods)
    .filter(({ members }) => members.some((member) => member === declared))
    .flatMap(({ members }) => members)
    .flatMap((member) => histories.get(methodKey(member.service, member.method)) ?? []);
  return {
    ...span,
    service,
    method,
    declaredBy: declared?.declaredBy ?? '',
    metrics: (declared?.metrics ?? []).map(({ name, type }) => ({ name, type })),
    times: steps.map(({ to }) => span.from + timeline.time(to) - timeline.time(from)),
    ok: trend((step) => rateOf(okIn(history, step), step)),
    declared: trend((step) => perSecond(countIn(history.declared, step), step)),
    undeclared: trend((step) => perSecond(undeclaredIn(history, step), step)),
    latency: bounds !== null ? 'histogram' : summaries.length > 0 ? 'summary' : 'none',
    seconds: steps.map(secondsOf),
    p50: percentiles(0.5),
    p95: percentiles(0.95),
    p99: percentiles(0.99),
    bounds: bounds ?? [],
    heat: bounds === null ? [] : steps.map((step) => bucketsIn(history, step)),
    time: splitTime(history.times, window),
    errors: errorsIn(history, window, (time) => span.from + time - timeline.time(from)),
    objectiveWindow: objective?.window ?? null,
    budgets: objective === null ? [] : createBudgets(covered, objective, window),
  };
}

/** Counts every failure as undeclared if the method does not count errors by kind. */
function undeclaredIn(history: MethodHistory, window: Window): number {
  return countIn(history.kinds.has('errorsCounted') ? history.undeclared : history.failed, window);
}

/**
 * The error types that occurred in a window, the most frequent first.
 *
 * @param timeOf converts a time of the samples to one of the wall clock
 */
function errorsIn(
  { errors, otherErrors }: MethodHistory,
  window: Window,
  timeOf: (time: number) => number,
): ErrorCount[] {
  const types = [...errors.values()].map(
    ({ kind, type, counts, firstSeen, lastSeen, traceId }) => ({
      kind,
      type,
      ...countsIn(counts, window),
      firstSeen: timeOf(firstSeen),
      lastSeen: timeOf(lastSeen),
      traceId,
    }),
  );
  const unseen = { firstSeen: null, lastSeen: null, traceId: null };
  const others = { kind: '', type: null, ...countsIn(otherErrors, window), ...unseen };
  return [...types, others].filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
}

function countsIn(counts: CounterHistory, window: Window): { count: number; rate: number } {
  const count = countIn(counts, window);
  return { count, rate: perSecond(count, window) ?? 0 };
}
