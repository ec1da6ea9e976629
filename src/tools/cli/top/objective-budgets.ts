import type { DeclaredMethod } from '../../../declaration/describe';
import type { DeclaredObjective } from '../../../declaration/objective';
import { remainingBudget } from '../../../slo/error-budget';
import { objectiveSubjects } from '../../../slo/objective-subject';
import { isBad, outcomeSources, showsBadCalls } from '../../../slo/outcome';
import { countingKinds, methodKeyOf, type SeriesChange } from './method-series';

/** Seconds over which a budget is computed: the window that the live page shows at first. */
const WINDOW = 60;

/** Steps that a window is divided into, so that a short interval between scrapes does not fill the memory. */
const STEPS = 30;

/** How a method stands against its objective. */
export interface ObjectiveFigures {
  /** The least remaining budget of its targets, or null without calls. */
  readonly budget: number | null;
  /** Bound of the latency target in seconds, or null without one. */
  readonly latencyBound: number | null;
  /** Whether declared exceptions count against the objective. */
  readonly declaredExceptionsAreErrors: boolean;
}

/** The calls that a target covers. */
interface Calls {
  readonly bad: number;
  readonly all: number;
}

/** The calls of a step of the window. */
interface Step {
  /** When the step began, in seconds. */
  readonly from: number;
  bad: number;
  all: number;
}

/** Remembers the calls of the last minute for every objective, of which budgets are left or not. */
export class ObjectiveBudgets {
  private steps = new Map<string, readonly Step[]>();

  /**
   * Adds what happened since the previous scrape.
   *
   * @param changes those of each method, by its key
   * @param at time of the scrape, in seconds
   * @returns the figures of the methods that have an objective
   */
  add(
    declared: readonly DeclaredMethod[],
    changes: ReadonlyMap<string, readonly SeriesChange[]>,
    at: number,
  ): Map<string, ObjectiveFigures> {
    const figures = new Map<string, ObjectiveFigures>();
    const steps = new Map<string, readonly Step[]>();
    for (const { service, method, members, objective } of objectiveSubjects(declared)) {
      const keys = members.map((member) => methodKeyOf({ ...member, isClient: false }));
      const series = keys.flatMap((key) => {
        const found = changes.get(key);
        return found === undefined ? [] : [found];
      });
      const budgets = targetsOf(objective).flatMap(({ target, callsOf }, i) => {
        const calls = sumOf(series.map(callsOf));
        const key = JSON.stringify([service, method ?? null, i, objective]);
        const before = this.steps.get(key) ?? [];
        // An instance that is lost for a moment does not refill the budget.
        const window = calls === null ? before : withStep(before, calls, at);
        steps.set(key, window);
        if (calls === null) return [];
        const left = remainingBudget(total(window, 'bad'), total(window, 'all'), target);
        return left === null ? [] : [left];
      });
      const { declaredExceptionsAreErrors, latency } = objective;
      for (const key of keys) {
        figures.set(key, {
          budget: budgets.length === 0 ? null : Math.min(...budgets),
          latencyBound: latency?.within ?? null,
          declaredExceptionsAreErrors,
        });
      }
    }
    // Forgets the objectives that are no longer declared.
    this.steps = steps;
    return figures;
  }
}

interface Target {
  /** Fraction of calls that must be good. */
  readonly target: number;
  /** Counts the calls of one method, or returns null if its metrics do not tell good from bad ones. */
  readonly callsOf: (changes: readonly SeriesChange[]) => Calls | null;
}

function targetsOf({
  availability,
  latency,
  declaredExceptionsAreErrors,
}: DeclaredObjective): Target[] {
  const targets: Target[] = [];
  if (availability !== undefined) {
    const callsOf: Target['callsOf'] = (changes) =>
      availabilityCalls(changes, declaredExceptionsAreErrors);
    targets.push({ target: availability, callsOf });
  }
  if (latency !== undefined) {
    const callsOf: Target['callsOf'] = (changes) => latencyCalls(changes, latency.within);
    targets.push({ target: latency.target, callsOf });
  }
  return targets;
}

function availabilityCalls(
  changes: readonly SeriesChange[],
  declaredExceptionsAreErrors: boolean,
): Calls | null {
  const sources = outcomeSources(countingKinds(changes));
  const { calls, failures } = sources;
  if (calls === null || !showsBadCalls(sources, declaredExceptionsAreErrors)) return null;
  let [bad, all] = [0, 0];
  for (const each of changes) {
    const count = countIn(each, Infinity);
    if (each.kind === calls) all += count;
    const isFailure =
      each.kind === 'timed'
        ? each.failed
        : each.kind === 'errorsCounted' && isBad(each.exceptionKind, declaredExceptionsAreErrors);
    if (each.kind === failures && isFailure) bad += count;
  }
  return { bad, all };
}

function latencyCalls(changes: readonly SeriesChange[], within: number): Calls | null {
  const timed = changes.filter(({ kind }) => kind === 'timed');
  if (timed.length === 0 || !timed.every(({ values }) => values.has(within))) return null;
  let [bad, all] = [0, 0];
  for (const each of timed) {
    const count = countIn(each, Infinity);
    all += count;
    bad += count - countIn(each, within);
  }
  return { bad, all };
}

/** The increase of a counter. 0 after the first scrape, when the values cover the whole life of the process. */
function countIn({ values, seconds }: SeriesChange, bound: number): number {
  const count = seconds > 0 ? (values.get(bound) ?? 0) : 0;
  return Number.isFinite(count) ? count : 0;
}

/** The calls of several methods. Null without methods, or if those of one are unknown. */
function sumOf(parts: readonly (Calls | null)[]): Calls | null {
  let [bad, all] = [0, 0];
  for (const part of parts) {
    if (part === null) return null;
    bad += part.bad;
    all += part.all;
  }
  return parts.length === 0 ? null : { bad, all };
}

/** Adds calls to the last step or to a new one, without the steps that the window no longer covers. */
function withStep(steps: readonly Step[], { bad, all }: Calls, at: number): Step[] {
  const kept = steps.filter(({ from }) => at - from < WINDOW);
  const last = kept.at(-1);
  if (last !== undefined && at - last.from < WINDOW / STEPS) {
    last.bad += bad;
    last.all += all;
    return kept;
  }
  return [...kept, { from: at, bad, all }];
}

function total(steps: readonly Step[], part: 'bad' | 'all'): number {
  return steps.reduce((sum, step) => sum + step[part], 0);
}
