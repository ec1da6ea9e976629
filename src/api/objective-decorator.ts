import { declarationOf } from '../declaration/class';
import { locationOfUse, parseClassUse } from '../declaration/class-use';
import { declarationsOf } from '../declaration/declarations';
import { applyObjective, pendingDeclaration } from '../declaration/declare';
import { isApplied, isAppliedToClass, parseMethodUse } from '../declaration/dialect';
import { locationOf } from '../declaration/method';
import type { DeclaredObjective } from '../declaration/objective';
import { currentRuntime } from '../runtime/runtime';
import { checkOption, checkOptions, isBoolean } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { whereOf } from './decorators';
import type { ObjectiveDecorator, ObjectiveOptions } from './options';

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
      `@Objective on ${locationOfUse(args)} needs options. Write @Objective({ availability: 0.999 }).`,
    );
  }
  return (...applied: readonly unknown[]): unknown =>
    isAppliedToClass(applied) ? applyToClass(applied, options) : applyToMethod(applied, options);
} as ObjectiveDecorator;

function applyToClass(args: readonly unknown[], options: unknown): void {
  const runtime = currentRuntime();
  const { owner, declaration } = parseClassUse(runtime, 'Objective', args);
  const objective = createObjective(options, `@Objective on ${owner.name}`);
  if (declaration.objective !== null) throw declaredTwice(owner.name);
  declaration.objective = objective;
  declarationsOf(runtime).unmeasured.set(owner.name, objective);
  for (const method of declaration.methods) applyObjective(runtime, declaration, method);
}

function applyToMethod(args: readonly unknown[], options: unknown): unknown {
  const use = parseMethodUse('Objective', args);
  const objective: DeclaredObjective = createObjective(options, whereOf('Objective', use));
  const { key, isStatic, value } = use;
  const owner = use.dialect === 'legacy' ? use.owner : null;
  const runtime = currentRuntime();
  const { objectives, unmeasured } = declarationsOf(runtime);
  const declaration =
    use.dialect === 'legacy' ? declarationOf(use.owner) : pendingDeclaration(runtime, use);
  if (declaration.objectiveOf(key, isStatic) !== null || objectives.has(value)) {
    throw declaredTwice(locationOf(owner, key));
  }
  declaration.setObjectiveOf(key, isStatic, objective);
  // For a method whose class has no metadata: whoever wraps it finds the objective here.
  objectives.set(value, objective);
  unmeasured.set(locationOf(owner, key), objective);
  for (const method of declaration.of(key, isStatic)) applyObjective(runtime, declaration, method);
  return use.dialect === 'legacy' ? use.descriptor : value;
}

function declaredTwice(where: string): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_DECLARED_TWICE',
    `@Objective on ${where}: the objective is declared twice. Promise availability and latency in one @Objective.`,
  );
}

const OPTIONS = ['availability', 'latency', 'window', 'declaredExceptionsAreErrors'] as const;

/** Validates the options of `Objective` and fills in the defaults. */
export function createObjective(options: unknown, where: string): DeclaredObjective {
  checkOptions(where, options, OPTIONS);
  const {
    availability,
    latency,
    window = '30d',
    declaredExceptionsAreErrors = false,
  } = options as ObjectiveOptions;
  checkShare(where, 'availability', availability);
  if (latency !== undefined) checkLatency(where, latency);
  if (availability === undefined && latency === undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the objective promises nothing. Set 'availability', 'latency' or both, such as { availability: 0.999 }.`,
    );
  }
  checkOption(
    where,
    'window',
    window,
    isWindow,
    "days or weeks up to 90 days, such as '30d' or '4w'",
  );
  checkOption(
    where,
    'declaredExceptionsAreErrors',
    declaredExceptionsAreErrors,
    isBoolean,
    'true or false',
  );
  return {
    ...(availability !== undefined && { availability }),
    ...(latency !== undefined && { latency: { ...latency } }),
    window,
    declaredExceptionsAreErrors,
  };
}

function checkLatency(where: string, latency: unknown): void {
  const inside = `${where}: latency`;
  checkOptions(inside, latency, ['target', 'within']);
  const { target = null, within = null } = latency as Record<string, unknown>;
  checkShare(inside, 'target', target);
  checkOption(inside, 'within', within, isSeconds, 'a number of seconds above 0');
}

function checkShare(where: string, name: string, value: unknown): void {
  const expected = 'a number above 0 and below 1, such as 0.999';
  checkOption(where, name, value, isShare, `${expected}${percentHint(value)}`);
}

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < 1;
}

/** Corrects a percentage. */
function percentHint(value: unknown): string {
  if (typeof value !== 'number' || value <= 1 || value >= 100) return '';
  return `; ${value} % is ${Number((value / 100).toPrecision(12))}`;
}

function isSeconds(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity;
}

const LONGEST_WINDOW_DAYS = 90;

function isWindow(value: unknown): boolean {
  const match = typeof value === 'string' ? /^([1-9]\d{0,2})([dw])$/.exec(value) : null;
  return match !== null && Number(match[1]) * (match[2] === 'w' ? 7 : 1) <= LONGEST_WINDOW_DAYS;
}
