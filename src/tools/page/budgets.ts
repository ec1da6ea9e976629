import type { DeclaredObjective } from '../../declaration/objective';
import { percentOf } from '../../slo/percent';
import type { Budget } from './browser/protocol';
import { countIn } from './figures';
import type { CounterHistory, MethodHistory } from './method-history';
import type { Window } from './timeline';

/** Reads a counter over one span of time. */
type Count = (counter: CounterHistory) => number;

/** A promise about a share of calls, and how to count those that break it. */
interface Promised {
  readonly promise: string;
  /** The share of calls that may break it. */
  readonly allowed: number;
  readonly unknown: string | null;
  readonly bad: (count: Count) => number;
  readonly all: (count: Count) => number;
}

/** What is left of each budget of an objective: over the window shown, over all that is held, and since the begin. */
export function createBudgets(
  history: MethodHistory,
  objective: DeclaredObjective,
  window: Window,
): Budget[] {
  const { timeline } = window;
  const held = { timeline, from: timeline.oldest, to: window.to };
  const spans: Count[] = [
    (counter) => countIn(counter, window),
    (counter) => countIn(counter, held),
    ({ total }) => total,
  ];
  return promisesOf(history, objective).map((promised) => {
    const [inWindow, heldLeft, sinceBegin] = spans.map((count) =>
      promised.unknown === null ? left(promised, count) : null,
    ) as [number | null, number | null, number | null];
    const { promise, unknown } = promised;
    return { promise, unknown, inWindow, held: heldLeft, sinceBegin };
  });
}

function left({ allowed, bad, all }: Promised, count: Count): number | null {
  const calls = all(count);
  return calls === 0 ? null : 1 - bad(count) / calls / allowed;
}

function promisesOf(history: MethodHistory, objective: DeclaredObjective): Promised[] {
  const { availability, latency } = objective;
  const promises: Promised[] = [];
  if (availability !== undefined) promises.push(availabilityOf(history, objective, availability));
  if (latency !== undefined) promises.push(latencyOf(history, latency));
  return promises;
}

function availabilityOf(
  history: MethodHistory,
  { declaredExceptionsAreErrors }: DeclaredObjective,
  availability: number,
): Promised {
  const { kinds } = history;
  const isTimed = kinds.has('timed');
  const hasKinds = kinds.has('errorsCounted');
  const canTell = hasKinds
    ? isTimed || kinds.has('counted')
    : isTimed && declaredExceptionsAreErrors;
  const exceptions = declaredExceptionsAreErrors ? '' : ' with an undeclared error';
  return {
    promise: `${percentOf(availability)} % of calls do not fail${exceptions}`,
    allowed: 1 - availability,
    unknown: canTell ? null : 'the method counts no errors by kind, or no calls',
    bad: (count) => {
      if (!hasKinds) return count(history.failed);
      return (
        count(history.undeclared) + (declaredExceptionsAreErrors ? count(history.declared) : 0)
      );
    },
    all: (count) => (isTimed ? count(history.ok) + count(history.failed) : count(history.requests)),
  };
}

function latencyOf(
  { bounds, buckets }: MethodHistory,
  { target, within }: { readonly target: number; readonly within: number },
): Promised {
  const last = bounds?.indexOf(within) ?? -1;
  const sum = (counters: readonly CounterHistory[], count: Count): number =>
    counters.reduce((total, counter) => total + count(counter), 0);
  return {
    promise: `${percentOf(target)} % of calls settle within ${within} s`,
    allowed: 1 - target,
    unknown: last === -1 ? 'the method has no histogram with that bucket' : null,
    bad: (count) => sum(buckets.slice(last + 1), count),
    all: (count) => sum(buckets, count),
  };
}
