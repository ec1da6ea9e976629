import { ThriftMetricsError } from '../validation/errors';
import { locationOf } from '../declaration/method';
import type { DeclaredObjective } from '../declaration/objective';
import { declarationsOf } from '../declaration/declarations';
import { runtime } from '../runtime/runtime';
import { parseClassUse } from '../declaration/class-use';
import { declarationOf } from '../declaration/class';
import { applyObjective, pendingDeclaration } from '../declaration/declare';
import { isAppliedToClass, parseMethodUse } from '../declaration/dialect';
import { whereOf } from './metric-decorator';
import { createObjective } from './objective-options';
import type { ClassDecoration, MethodDecoration, ObjectiveOptions } from './options';

/**
 * Declares a service level objective: which share of the calls must not fail (`availability`), and which share must settle
 * within so many seconds (`latency`), over a sliding window. It measures nothing itself: `thrift-metrics rules` makes
 * alerts of it, the dashboard and the live page show what is left of its budget, from the metrics that the other
 * decorators record. On a class it holds for every measured method that the class declares; one on a method replaces it.
 *
 * Exceptions that the IDL declares are answers, and no failures, unless `declaredExceptionsAreErrors` is `true`. The
 * window is `30d` unless given. For the latency, calls count however they end.
 *
 * @throws {@link ThriftMetricsError} at class definition: `TM_ERR_OPTION_INVALID` for a wrong option, `TM_ERR_OBJECTIVE` where
 * `latency.within` is no bucket of the method's histogram (the message names the nearest), or the method has a summary.
 *
 * @example
 * ```ts
 * @Instrumented
 * @Objective({ availability: 0.999 })
 * class CalculatorHandler {
 *   @Objective({ availability: 0.99, latency: { target: 0.99, within: 0.25 }, window: '7d' })
 *   async factorize(number: number) {
 *     return [number];
 *   }
 * }
 * ```
 */
export function Objective(options: ObjectiveOptions): MethodDecoration & ClassDecoration {
  if (typeof options === 'function') {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      '@Objective is used without options; Objective({ availability: 0.999 }) is expected',
    );
  }
  const apply = (...args: readonly unknown[]): unknown =>
    isAppliedToClass(args) ? applyToClass(args, options) : applyToMethod(args, options);
  return apply as MethodDecoration & ClassDecoration;
}

function applyToClass(args: readonly unknown[], options: unknown): void {
  const shared = runtime();
  const { owner, declaration } = parseClassUse(shared, 'Objective', args);
  const objective = createObjective(options, `@Objective on ${owner.name}`);
  if (declaration.objective !== null) throw declaredTwice(owner.name);
  declaration.objective = objective;
  declarationsOf(shared).unmeasured.set(owner.name, objective);
  for (const method of declaration.methods) applyObjective(shared, declaration, method);
}

function applyToMethod(args: readonly unknown[], options: unknown): unknown {
  const use = parseMethodUse('Objective', args);
  const objective: DeclaredObjective = createObjective(options, whereOf('Objective', use));
  const { key, isStatic, value } = use;
  const owner = use.dialect === 'legacy' ? use.owner : null;
  const shared = runtime();
  const { objectives, unmeasured } = declarationsOf(shared);
  const declaration =
    use.dialect === 'legacy' ? declarationOf(use.owner) : pendingDeclaration(shared, use);
  if (declaration.objectiveOf(key, isStatic) !== null || objectives.has(value)) {
    throw declaredTwice(locationOf(owner, key));
  }
  declaration.setObjectiveOf(key, isStatic, objective);
  // For a method whose class has no metadata: whoever wraps it finds the objective here.
  objectives.set(value, objective);
  unmeasured.set(locationOf(owner, key), objective);
  for (const method of declaration.of(key, isStatic)) applyObjective(shared, declaration, method);
  return use.dialect === 'legacy' ? use.descriptor : value;
}

function declaredTwice(where: string): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_DECLARED_TWICE',
    `@Objective on ${where}: there are two; one objective may promise availability and latency`,
  );
}
