import { DEFAULT_BUCKETS } from '../metrics/catalogue';
import type { Runtime } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';
import type { ClassDeclaration } from './class';
import { declarationsOf } from './declarations';
import type { MethodDeclaration } from './method';
import type { DeclaredObjective } from './objective';

/**
 * Sets the objective of a method: its own, or the one of its class. Marks both as covered, because at least one method they
 * apply to records metrics.
 *
 * @throws {@link ThriftMetricsError} if the latency bound is not one of the buckets of the method.
 */
export function applyObjective(
  runtime: Runtime,
  declaration: ClassDeclaration,
  method: MethodDeclaration,
): void {
  const { objectives, unmeasured } = declarationsOf(runtime);
  const { key, isStatic, original } = method;
  const decorated = original === null ? null : objectives.get(original);
  const own = declaration.objectiveOf(key, isStatic) ?? decorated ?? null;
  const applied = own ?? declaration.objective;
  if (applied !== null) checkDeclared(runtime, method, applied);
  method.objective = applied;
  for (const [location, objective] of unmeasured) {
    if (objective === own || objective === declaration.objective) unmeasured.delete(location);
  }
}

/** @throws {@link ThriftMetricsError} if an objective does not apply to any method with metrics. */
export function checkMeasured(runtime: Runtime): void {
  const [location] = declarationsOf(runtime).unmeasured.keys();
  if (location === undefined) return;
  throw new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `@Objective on ${location}: this objective has no effect because the method records no metrics. Add @Instrumented, or remove the objective.`,
  );
}

/** @throws {@link ThriftMetricsError} if these default buckets lack the latency bound of an objective. */
export function checkObjectives(runtime: Runtime, buckets: readonly number[]): void {
  for (const method of declarationsOf(runtime).methods.values()) {
    if (method.objective !== null) checkBound(method, method.objective, buckets);
  }
}

/** Buckets that were set outside the program must not make its classes fail. */
function checkDeclared(
  { settings }: Runtime,
  method: MethodDeclaration,
  objective: DeclaredObjective,
): void {
  try {
    checkBound(method, objective, settings.buckets);
  } catch (error) {
    if (settings.withdrawBuckets === null) throw error;
    checkBound(method, objective, DEFAULT_BUCKETS);
    settings.withdrawBuckets(error);
  }
}

/** A histogram can count the calls within a bound only if that bound is one of its buckets. */
function checkBound(
  method: MethodDeclaration,
  { latency }: DeclaredObjective,
  defaults: readonly number[],
): void {
  const timed = method.specs.find(({ kind }) => kind === 'timed');
  if (latency === undefined || timed === undefined) return;
  const location = `@Objective on ${method.location}`;
  if (timed.type === 'summary') {
    throw new ThriftMetricsError(
      'TM_ERR_OBJECTIVE',
      `${location}: a latency objective needs a histogram, and '${timed.name}' is a summary. Remove the option 'quantiles', or the latency objective.`,
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
    `${location}: latency.within is ${within}, which is not a bucket of '${timed.name}'. The nearest ${list}, or add ${within} to the buckets.`,
  );
}
