import { ThriftMetricsError } from '../errors';
import { placeOf } from '../registry/method-declaration';
import type { DeclaredObjective } from '../registry/objective';
import { state } from '../registry/state';
import { parseClassUse, placeOfUse } from './class-use';
import { declarationOf } from './class-declaration';
import { applyObjective, pendingDeclaration } from './declare';
import { isApplied, isAppliedToClass, parseMethodUse } from './dialect';
import { whereOf } from './metric-decorator';
import { createObjective } from './objective-options';
import type { ObjectiveDecorator } from './types';

/**
 * Declares a service level objective: the fraction of calls that must not fail (`availability`), and the fraction that must
 * settle within a number of seconds (`latency`), over a sliding window. It records nothing itself: `thrift-metrics rules`
 * generates alerts from it, and the dashboard and the live page show the error budget, from the metrics that the other
 * decorators record. On a class it applies to every measured method that the class declares; an objective on a method
 * replaces it.
 *
 * Exceptions that the IDL declares do not count as failures unless `declaredExceptionsAreErrors` is `true`. For the
 * latency, successful and failed calls count alike.
 *
 * @throws {@link ThriftMetricsError} at class definition: `TM_ERR_OPTION_INVALID` for an invalid option, `TM_ERR_OBJECTIVE`
 * when `latency.within` is not a bucket of the method's histogram (the message names the nearest ones) or the method has a
 * summary.
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
export const Objective = function Objective(...args: readonly unknown[]): unknown {
  const [options] = args;
  if (isAppliedToClass(args) || isApplied(args)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `@Objective on ${placeOfUse(args)} needs options. Write @Objective({ availability: 0.999 }).`,
    );
  }
  return (...applied: readonly unknown[]): unknown =>
    isAppliedToClass(applied) ? applyToClass(applied, options) : applyToMethod(applied, options);
} as ObjectiveDecorator;

function applyToClass(args: readonly unknown[], options: unknown): void {
  const { owner, declaration } = parseClassUse('Objective', args);
  const objective = createObjective(options, `@Objective on ${owner.name}`);
  if (declaration.objective !== null) throw declaredTwice(owner.name);
  declaration.objective = objective;
  state.unmeasured.set(owner.name, objective);
  for (const method of declaration.methods) applyObjective(declaration, method);
}

function applyToMethod(args: readonly unknown[], options: unknown): unknown {
  const use = parseMethodUse('Objective', args);
  const objective: DeclaredObjective = createObjective(options, whereOf('Objective', use));
  const { key, isStatic, value } = use;
  const owner = use.dialect === 'legacy' ? use.owner : null;
  const declaration = use.dialect === 'legacy' ? declarationOf(use.owner) : pendingDeclaration(use);
  if (declaration.objectiveOf(key, isStatic) !== null || state.objectives.has(value)) {
    throw declaredTwice(placeOf(owner, key));
  }
  declaration.setObjectiveOf(key, isStatic, objective);
  // For a method whose class has no metadata: whoever wraps it finds the objective here.
  state.objectives.set(value, objective);
  state.unmeasured.set(placeOf(owner, key), objective);
  for (const method of declaration.of(key, isStatic)) applyObjective(declaration, method);
  return use.dialect === 'legacy' ? use.descriptor : value;
}

function declaredTwice(where: string): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_DECLARED_TWICE',
    `@Objective on ${where}: the objective is declared twice. Promise availability and latency in one @Objective.`,
  );
}
