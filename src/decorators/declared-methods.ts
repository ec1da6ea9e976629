import type { DeclaredObjective } from '../registry/objective';
import { state } from '../registry/state';
import { describeMetric, type DeclaredMetric } from './describe-metric';

/** One method of a service, with all that is declared of it in this process. */
export interface DeclaredMethod {
  /** Value of `thrift_service`. */
  readonly service: string;
  /** Value of `thrift_method`. */
  readonly method: string;
  /** The class that declares it. */
  readonly declaredBy: string;
  readonly metrics: readonly DeclaredMetric[];
  readonly objective: DeclaredObjective | null;
}

/**
 * Every method that has its series in this process, by service and method: what the live page, dashboards, rules and
 * `list` are made from. Of a class that was loaded anew, the newest is told.
 */
export function declaredMethods(): DeclaredMethod[] {
  const found = new Map<string, DeclaredMethod & { metrics: DeclaredMetric[] }>();
  for (const declaration of state.methods.values()) {
    const { method, owner, objective, plan, specs } = declaration;
    const { service } = plan;
    const key = JSON.stringify([service, method]);
    const declaredBy = owner?.name ?? '';
    let entry = found.get(key);
    if (entry === undefined) {
      entry = { service, method, declaredBy, metrics: [], objective };
      found.set(key, entry);
    }
    for (const spec of specs) {
      entry.metrics.push(describeMetric(declaration, spec, service, declaredBy));
    }
  }
  return [...found.values()].toSorted(
    (a, b) => order(a.service, b.service) || order(a.method, b.method),
  );
}

/** Not by locale: the same everywhere. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
