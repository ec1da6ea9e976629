import type { DeclaredMethod } from '../../declaration/describe';
import { objectiveSubjects } from '../../slo/objective-subject';
import type { ObjectiveCount } from './browser/protocol';
import { createBudgets } from './budgets';
import type { History } from './history';
import { methodKey } from './method-reader';
import type { Window } from './timeline';

/** How the methods stand against their objectives in a window. */
export interface ObjectiveState {
  readonly count: ObjectiveCount;
  /** The least remaining budget by method, of those with calls. */
  readonly budgets: ReadonlyMap<string, number>;
  /** The bound of the latency objective by method, in seconds. */
  readonly bounds: ReadonlyMap<string, number>;
}

/** The state of what has no objectives. */
export const NO_OBJECTIVES: ObjectiveState = {
  count: { missed: 0, known: 0, total: 0 },
  budgets: new Map(),
  bounds: new Map(),
};

/** Computes the budgets of all objectives. Methods that share an objective have one budget, which counts once. */
export function readObjectives(
  methods: readonly DeclaredMethod[],
  history: History,
  window: Window,
): ObjectiveState {
  const count = { missed: 0, known: 0, total: 0 };
  const budgets = new Map<string, number>();
  const bounds = new Map<string, number>();
  for (const subject of objectiveSubjects(methods)) {
    const { members, objective } = subject;
    const all = createBudgets(history, subject, window).map(({ inWindow }) => inWindow);
    const known = all.filter((left) => left !== null);
    count.total += all.length;
    count.known += known.length;
    count.missed += known.filter((left) => left < 0).length;
    for (const { service, method } of members) {
      const key = methodKey(service, method);
      if (known.length > 0) budgets.set(key, Math.min(...known));
      if (objective.latency !== undefined) bounds.set(key, objective.latency.within);
    }
  }
  return { count, budgets, bounds };
}
