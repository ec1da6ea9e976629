import { DEFAULT_BUCKETS } from '../metrics/catalogue';
import type { Policy } from '../runtime/policy';
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
  method.objectiveInCode = applied;
  method.objective = effectiveObjective(runtime, method);
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

/**
 * Checks every objective against the buckets that its method would have.
 *
 * @throws {@link ThriftMetricsError} if these default buckets, or those of the rules, lack the latency bound of an objective.
 */
export function checkObjectives(
  runtime: Runtime,
  buckets: readonly number[],
  policy: Policy = runtime.settings.policy,
): void {
  for (const method of declarationsOf(runtime).methods.values()) {
    const objective = ruledObjective(policy, method) ?? method.objectiveInCode;
    if (objective !== null) checkBound(method, objective, bucketsOf(method, buckets, policy));
  }
}

/** Buckets that were set outside the program must not make its classes fail. */
function checkDeclared(
  { settings }: Runtime,
  method: MethodDeclaration,
  objective: DeclaredObjective,
): void {
  try {
    checkBound(method, objective, bucketsOf(method, settings.buckets));
  } catch (error) {
    if (settings.withdraw.buckets === null) throw error;
    checkBound(method, objective, bucketsOf(method, DEFAULT_BUCKETS));
    settings.withdraw.buckets(error);
  }
}

/**
 * The objective of a rule, or else the one in the code. A rule must not end a program whose class is defined later, so a
 * latency bound that is not among the buckets is reported, and the method has no latency objective.
 */
export function effectiveObjective(
  runtime: Runtime,
  method: MethodDeclaration,
): DeclaredObjective | null {
  const { buckets, policy } = runtime.settings;
  const objective = ruledObjective(policy, method) ?? method.objectiveInCode;
  if (policy.isEmpty || objective === null) return objective;
  try {
    checkBound(method, objective, bucketsOf(method, buckets, policy));
    return objective;
  } catch (error) {
    runtime.faults.warnOnce(`objective:${method.location}`, error);
    const { latency: _latency, ...others } = objective;
    return others.availability === undefined ? null : others;
  }
}

function ruledObjective(
  policy: Policy,
  { method, plan }: MethodDeclaration,
): DeclaredObjective | null {
  // The rules hold what `configureMetrics` has validated.
  return policy.objectiveOf(plan.service, method) as DeclaredObjective | null;
}

/** The buckets of the latency of a method, or null if it has no histogram of the latency. */
function bucketsOf(
  { method, plan, specs }: MethodDeclaration,
  defaults: readonly number[],
  policy?: Policy,
): readonly number[] | null {
  const timed = specs.find(({ kind }) => kind === 'timed');
  if (timed === undefined) return null;
  const ruling = policy?.rulingOfMethod(timed.name, { service: plan.service, method });
  return ruling?.buckets ?? timed.buckets ?? defaults;
}

/** A histogram can count the calls within a bound only if that bound is one of its buckets. */
function checkBound(
  method: MethodDeclaration,
  { latency }: DeclaredObjective,
  buckets: readonly number[] | null,
): void {
  const timed = method.specs.find(({ kind }) => kind === 'timed');
  if (latency === undefined || timed === undefined || buckets === null) return;
  const location = `@Objective on ${method.location}`;
  if (timed.type === 'summary') {
    throw new ThriftMetricsError(
      'TM_ERR_OBJECTIVE',
      `${location}: a latency objective needs a histogram, and '${timed.name}' is a summary. Remove the option 'quantiles', or the latency objective.`,
    );
  }
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
