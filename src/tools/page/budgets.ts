import type { DeclaredObjective } from '../../declaration/objective';
import { remainingBudget } from '../../slo/error-budget';
import { outcomeSources, showsBadCalls } from '../../slo/outcome';
import { percentOf } from '../../slo/percent';
import type { Budget } from './browser/protocol';
import { countIn } from './figures';
import type { MethodHistory } from './method-history';
import type { CounterHistory } from './sampled-values';
import type { Window } from './timeline';

/** Reads a counter over one span of time. */
type Count = (counter: CounterHistory) => number;

/** One target of an objective, and how to count the calls that miss it. */
interface Target {
  readonly description: string;
  /** Fraction of calls that must be good. */
  readonly target: number;
  /** Why the budget cannot be computed, or null if it can. */
  readonly unknownReason: string | null;
  readonly bad: (count: Count) => number;
  readonly all: (count: Count) => number;
}

/**
 * The remaining error budgets of an objective: in the window, in the whole history, and since the page was started.
 *
 * @param histories those of the methods that the objective covers together
 */
export function createBudgets(
  histories: readonly MethodHistory[],
  objective: DeclaredObjective,
  window: Window,
): Budget[] {
  const { timeline } = window;
  const wholeHistory = { timeline, from: timeline.oldest, to: window.to };
  const spans: Count[] = [
    (counter) => countIn(counter, window),
    (counter) => countIn(counter, wholeHistory),
    ({ total }) => total,
  ];
  return sharedTargets(histories, objective).map((target) => {
    const [inWindow, inHistory, sinceStart] = spans.map((count) =>
      target.unknownReason === null
        ? remainingBudget(target.bad(count), target.all(count), target.target)
        : null,
    ) as [number | null, number | null, number | null];
    const { description, unknownReason } = target;
    return { objective: description, unknownReason, inWindow, inHistory, sinceStart };
  });
}

/** Adds up the calls of all methods for each target of the objective. */
function sharedTargets(
  histories: readonly MethodHistory[],
  objective: DeclaredObjective,
): Target[] {
  const [first = [], ...others] = histories.map((history) => targetsOf(history, objective));
  return first.map((target, i) => {
    const parts = [target, ...others.flatMap((targets) => targets[i] ?? [])];
    const sum = (valueOf: (part: Target) => number): number =>
      parts.reduce((total, part) => total + valueOf(part), 0);
    return {
      description: target.description,
      target: target.target,
      unknownReason: parts.find((part) => part.unknownReason !== null)?.unknownReason ?? null,
      bad: (count) => sum((part) => part.bad(count)),
      all: (count) => sum((part) => part.all(count)),
    };
  });
}

function targetsOf(history: MethodHistory, objective: DeclaredObjective): Target[] {
  const { availability, latency } = objective;
  const targets: Target[] = [];
  if (availability !== undefined) targets.push(availabilityOf(history, objective, availability));
  if (latency !== undefined) targets.push(latencyOf(history, objective, latency));
  return targets;
}

const CALLS_UNKNOWN = 'no metric counts the calls of the method; @Counted does';
const ERRORS_UNKNOWN = 'no metric counts the errors of the method by kind; @ErrorsCounted does';

function availabilityOf(
  history: MethodHistory,
  objective: DeclaredObjective,
  availability: number,
): Target {
  const { declaredExceptionsAreErrors } = objective;
  const { calls, failures } = outcomeSources(history.kinds);
  const showsBad = showsBadCalls({ calls, failures }, declaredExceptionsAreErrors);
  const exceptions = declaredExceptionsAreErrors ? '' : ', except by declared exceptions';
  return {
    description: `${percentOf(availability)} % of ${callsOf(objective)} do not fail${exceptions}`,
    target: availability,
    unknownReason: calls === null ? CALLS_UNKNOWN : showsBad ? null : ERRORS_UNKNOWN,
    bad: (count) => count(failures === 'timed' ? history.failed : history.bad),
    all: (count) =>
      calls === 'timed' ? count(history.ok) + count(history.failed) : count(history.requests),
  };
}

function callsOf({ scope }: DeclaredObjective): string {
  return scope === undefined ? 'calls' : 'calls to the service';
}

function latencyOf(
  { bounds, buckets }: MethodHistory,
  objective: DeclaredObjective,
  { target, within }: { readonly target: number; readonly within: number },
): Target {
  const last = bounds?.indexOf(within) ?? -1;
  const sum = (counters: readonly CounterHistory[], count: Count): number =>
    counters.reduce((total, counter) => total + count(counter), 0);
  return {
    description: `${percentOf(target)} % of ${callsOf(objective)} settle within ${within} s`,
    target,
    unknownReason:
      last === -1
        ? `the method has no histogram with a bucket at ${within} s; @Timed({ buckets }) can add it`
        : null,
    bad: (count) => sum(buckets.slice(last + 1), count),
    all: (count) => sum(buckets, count),
  };
}
