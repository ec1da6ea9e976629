import type { DeclaredObjective } from '../../declaration/objective';
import { remainingBudget } from '../../slo/error-budget';
import type { ObjectiveSubject } from '../../slo/objective-subject';
import { outcomeSources, showsBadCalls } from '../../slo/outcome';
import { percentOf } from '../../slo/percent';
import type { Budget } from './browser/protocol';
import { countIn } from './figures';
import { type History, MAX_METHODS } from './history';
import type { MethodHistory } from './method-history';
import { methodKey } from './method-reader';
import type { CounterHistory } from './sampled-values';
import type { Window } from './timeline';

/** Reads a counter over one span of time. */
type Count = (counter: CounterHistory) => number;

/** One target of an objective, and how to count the calls of a method that miss it. */
interface Target {
  readonly description: string;
  /** Fraction of calls that must be good. */
  readonly target: number;
  /** Why the calls of the method cannot be told apart, or null if they can. */
  readonly unknownReason: (history: MethodHistory) => string | null;
  readonly bad: (history: MethodHistory, count: Count) => number;
  readonly all: (history: MethodHistory, count: Count) => number;
}

const NOT_RECORDED = `the page records ${MAX_METHODS} methods, and not all that the objective covers`;

/**
 * The remaining error budgets of an objective: in the window, in the whole history, and since the page was started. Methods that
 * share the objective have one budget, which is unknown if the history leaves one of them out.
 */
export function createBudgets(
  { methods, omittedMethods }: History,
  { members, objective }: ObjectiveSubject,
  window: Window,
): Budget[] {
  const keys = members.map(({ service, method }) => methodKey(service, method));
  const histories = keys.flatMap((key) => methods.get(key) ?? []);
  const isPart = keys.some((key) => omittedMethods.has(key));
  // Methods that were declared just now are in the next sample.
  if (histories.length === 0 && !isPart) return [];
  const { timeline } = window;
  const wholeHistory = { timeline, from: timeline.oldest, to: window.to };
  const spans: Count[] = [
    (counter) => countIn(counter, window),
    (counter) => countIn(counter, wholeHistory),
    ({ total }) => total,
  ];
  return targetsOf(objective).map(({ description, target, ...of }) => {
    const reasons = histories.map((history) => of.unknownReason(history));
    const unknownReason = isPart ? NOT_RECORDED : (reasons.find((each) => each !== null) ?? null);
    const [inWindow, inHistory, sinceStart] = spans.map((count) => {
      if (unknownReason !== null) return null;
      const bad = sum(histories, (history) => of.bad(history, count));
      return remainingBudget(
        bad,
        sum(histories, (history) => of.all(history, count)),
        target,
      );
    }) as [number | null, number | null, number | null];
    return { objective: description, unknownReason, inWindow, inHistory, sinceStart };
  });
}

function sum<T>(all: readonly T[], valueOf: (each: T) => number): number {
  return all.reduce((total, each) => total + valueOf(each), 0);
}

function targetsOf(objective: DeclaredObjective): Target[] {
  const { availability, latency } = objective;
  const targets: Target[] = [];
  if (availability !== undefined) targets.push(availabilityOf(objective, availability));
  if (latency !== undefined) targets.push(latencyOf(objective, latency));
  return targets;
}

const CALLS_UNKNOWN = 'no metric counts the calls of the method; @Counted does';
const ERRORS_UNKNOWN = 'no metric counts the errors of the method by kind; @ErrorsCounted does';

function availabilityOf(objective: DeclaredObjective, availability: number): Target {
  const { declaredExceptionsAreErrors } = objective;
  const exceptions = declaredExceptionsAreErrors ? '' : ', except by declared exceptions';
  return {
    description: `${percentOf(availability)} % of ${callsOf(objective)} do not fail${exceptions}`,
    target: availability,
    unknownReason({ kinds }) {
      const sources = outcomeSources(kinds);
      if (sources.calls === null) return CALLS_UNKNOWN;
      return showsBadCalls(sources, declaredExceptionsAreErrors) ? null : ERRORS_UNKNOWN;
    },
    bad: ({ kinds, failed, bad }, count) =>
      count(outcomeSources(kinds).failures === 'timed' ? failed : bad),
    all: ({ kinds, ok, failed, requests }, count) =>
      outcomeSources(kinds).calls === 'timed' ? count(ok) + count(failed) : count(requests),
  };
}

function callsOf({ scope }: DeclaredObjective): string {
  return scope === undefined ? 'calls' : 'calls to the service';
}

function latencyOf(
  objective: DeclaredObjective,
  { target, within }: { readonly target: number; readonly within: number },
): Target {
  const bucketOf = ({ bounds }: MethodHistory): number => bounds?.indexOf(within) ?? -1;
  return {
    description: `${percentOf(target)} % of ${callsOf(objective)} settle within ${within} s`,
    target,
    unknownReason: (history) =>
      bucketOf(history) === -1
        ? `the method has no histogram with a bucket at ${within} s; @Timed({ buckets }) can add it`
        : null,
    bad: (history, count) => sum(history.buckets.slice(bucketOf(history) + 1), count),
    all: ({ buckets }, count) => sum(buckets, count),
  };
}
