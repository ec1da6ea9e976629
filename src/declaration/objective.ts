import { ThriftMetricsError } from '../validation/errors';
import type { MethodDeclaration } from './method';
import { state } from '../runtime/runtime';

/** A service level objective of a method, with every default filled in. */
export interface DeclaredObjective {
  /** The share of calls that must not fail, above 0 and below 1; absent where none is promised. */
  readonly availability?: number;
  /** The share of calls that must settle within so many seconds; absent where none is promised. */
  readonly latency?: { readonly target: number; readonly within: number };
  /** The time over which the shares are taken, as Prometheus writes durations: `30d`. */
  readonly window: string;
  /** Whether an exception that the IDL declares is a failure. */
  readonly declaredExceptionsAreErrors: boolean;
}

/** Gives a method the objective that holds for it, whose bound has to be one of the method's buckets. */
export function setObjective(method: MethodDeclaration, objective: DeclaredObjective | null): void {
  if (objective !== null) checkBound(method, objective, state.settings.buckets);
  method.objective = objective;
}

/** Of these, a method is measured that they are about. */
export function markMeasured(objectives: readonly (DeclaredObjective | null)[]): void {
  for (const [where, objective] of state.unmeasured) {
    if (objectives.includes(objective)) state.unmeasured.delete(where);
  }
}

/** Refuses objectives that stand where nothing is measured: nobody would ever tell whether they are kept. */
export function checkMeasured(): void {
  const [where] = state.unmeasured.keys();
  if (where === undefined) return;
  throw new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `@Objective on ${where}: something is promised, and nothing is measured; add @Instrumented, or take the objective away`,
  );
}

/** Refuses default buckets in which a bound of an objective is missing. */
export function checkObjectives(buckets: readonly number[]): void {
  for (const method of state.methods.values()) {
    if (method.objective !== null) checkBound(method, method.objective, buckets);
  }
}

/** Only what a bucket counts up to can be told from a histogram. */
function checkBound(
  method: MethodDeclaration,
  { latency }: DeclaredObjective,
  defaults: readonly number[],
): void {
  const timed = method.specs.find(({ kind }) => kind === 'timed');
  if (latency === undefined || timed === undefined) return;
  const where = `@Objective on ${method.place}`;
  if (timed.type === 'summary') {
    throw new ThriftMetricsError(
      'TM_ERR_OBJECTIVE',
      `${where}: a latency is promised, and '${timed.name}' is a summary (option 'quantiles'); a histogram is needed`,
    );
  }
  const buckets = timed.buckets ?? defaults;
  const { within } = latency;
  if (buckets.includes(within)) return;
  const below = buckets.findLast((bound) => bound < within);
  const above = buckets.find((bound) => bound > within);
  const nearest = [below, above].filter((bound) => bound !== undefined).join(' and ');
  throw new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `${where}: latency.within is ${within}, which is no bucket of '${timed.name}'; the nearest buckets are ${nearest}. Use one of them, or add ${within} to the buckets`,
  );
}
