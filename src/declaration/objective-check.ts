import { ThriftMetricsError } from '../validation/errors';
import type { MethodDeclaration } from './method';
import type { Runtime } from '../runtime/runtime';
import { declarationsOf } from './declarations';
import type { DeclaredObjective } from './objective';

/** Sets the objective of a method. Its latency bound must be one of the method's buckets. */
export function setObjective(
  runtime: Runtime,
  method: MethodDeclaration,
  objective: DeclaredObjective | null,
): void {
  if (objective !== null) checkBound(method, objective, runtime.settings.buckets);
  method.objective = objective;
}

/** Marks these objectives as covered: at least one method they apply to records metrics. */
export function markMeasured(
  runtime: Runtime,
  objectives: readonly (DeclaredObjective | null)[],
): void {
  const { unmeasured } = declarationsOf(runtime);
  for (const [location, objective] of unmeasured) {
    if (objectives.includes(objective)) unmeasured.delete(location);
  }
}

/** Refuses an objective that no method with metrics has, because nothing could tell whether it is met. */
export function checkMeasured(runtime: Runtime): void {
  const [location] = declarationsOf(runtime).unmeasured.keys();
  if (location === undefined) return;
  throw new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `@Objective on ${location}: this objective has no effect because the method records no metrics. Add @Instrumented, or remove the objective.`,
  );
}

/** Refuses default buckets that lack the latency bound of an objective. */
export function checkObjectives(runtime: Runtime, buckets: readonly number[]): void {
  for (const method of declarationsOf(runtime).methods.values()) {
    if (method.objective !== null) checkBound(method, method.objective, buckets);
  }
}

/** A histogram only knows how many calls were faster than the bounds of its buckets. */
function checkBound(
  method: MethodDeclaration,
  { latency }: DeclaredObjective,
  defaults: readonly number[],
): void {
  const timed = method.specs.find(({ kind }) => kind === 'timed');
  if (latency === undefined || timed === undefined) return;
  const where = `@Objective on ${method.location}`;
  if (timed.type === 'summary') {
    throw new ThriftMetricsError(
      'TM_ERR_OBJECTIVE',
      `${where}: a latency objective needs a histogram, and '${timed.name}' is a summary. Remove the option 'quantiles', or the latency objective.`,
    );
  }
  const buckets = timed.buckets ?? defaults;
  const { within } = latency;
  if (buckets.includes(within)) return;
  const below = buckets.findLast((bound) => bound < within);
  const above = buckets.find((bound) => bound > within);
  const nearest = [below, above].filter((bound) => bound !== undefined);
  const list =
    nearest.length === 1
      ? `bucket is ${nearest.join('')}. Use it`
      : `buckets are ${nearest.join(' and ')}. Use one of them`;
  throw new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `${where}: latency.within is ${within}, which is not a bucket of '${timed.name}'. The nearest ${list}, or add ${within} to the buckets.`,
  );
}
