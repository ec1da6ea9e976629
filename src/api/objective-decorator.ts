import { declarationOf } from '../declaration/class';
import { declarationOfUse } from '../declaration/class-binding';
import { declarationsOf } from '../declaration/declarations';
import { pendingDeclaration } from '../declaration/declare';
import {
  describeTarget,
  isApplied,
  isAppliedToClass,
  parseClassUse,
  parseMethodUse,
} from '../declaration/dialect';
import { locationOf } from '../declaration/location';
import type { DeclaredObjective } from '../declaration/objective';
import { applyObjective } from '../declaration/objective-check';
import { currentRuntime } from '../runtime/runtime';
import {
  checkOption,
  checkOptionTable,
  isBoolean,
  isPositiveSeconds,
  mustBe,
  type OptionCheck,
  type OptionTable,
} from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { whereOf } from './decorators';
import type { ObjectiveDecorator, ObjectiveOptions } from './options';

/**
 * Declares a service level objective: the fraction of calls that must not fail (`availability`), and the fraction that must
 * settle within a number of seconds (`latency`), over a sliding window. It records nothing itself: `thrift-metrics rules`
 * generates alerts from it, and the dashboard and the live page show the error budget, from the metrics that the other
 * decorators record. On a class it applies to every measured method that the class declares; an objective on a method
 * replaces it. With `scope: 'service'`, these methods share one objective and one error budget.
 *
 * Exceptions that the IDL declares do not count as failures unless `declaredExceptionsAreErrors` is `true`. For the
 * latency, successful and failed calls count alike.
 *
 * @throws {@link ThriftMetricsError} at class definition: `TM_ERR_OPTION_INVALID` if an option is not valid,
 * `TM_ERR_OBJECTIVE` if `latency.within` is not a bucket of the method's histogram (the message names the nearest ones) or
 * the method has a summary.
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
      `@Objective on ${describeTarget(args)} needs options. Write @Objective({ availability: 0.999 }).`,
    );
  }
  return (...applied: readonly unknown[]): unknown =>
    isAppliedToClass(applied) ? applyToClass(applied, options) : applyToMethod(applied, options);
} as ObjectiveDecorator;

function applyToClass(args: readonly unknown[], options: unknown): void {
  const runtime = currentRuntime();
  const use = parseClassUse('Objective', args);
  const declaration = declarationOfUse(runtime, use);
  const { name } = use.declaringClass;
  const objective = createObjective(options, `@Objective on ${name}`);
  if (declaration.objective !== null) throw declaredTwice(name);
  declaration.objective = objective;
  declarationsOf(runtime).unmeasured.set(name, objective);
  for (const method of declaration.methods) applyObjective(runtime, declaration, method);
}

function applyToMethod(args: readonly unknown[], options: unknown): unknown {
  const use = parseMethodUse('Objective', args);
  const where = whereOf('Objective', use);
  const objective = createObjective(options, where);
  if (objective.scope !== undefined) throw serviceOnMethod(where);
  const { key, isStatic, value } = use;
  const location = locationOf(use.dialect === 'legacy' ? use.declaringClass : null, key);
  const runtime = currentRuntime();
  const { objectives, unmeasured } = declarationsOf(runtime);
  const declaration =
    use.dialect === 'legacy' ? declarationOf(use.declaringClass) : pendingDeclaration(runtime, use);
  if (declaration.objectiveOf(key, isStatic) !== null || objectives.has(value)) {
    throw declaredTwice(location);
  }
  declaration.setObjectiveOf(key, isStatic, objective);
  // A later decorator finds the objective here if the class does not have metadata.
  objectives.set(value, objective);
  unmeasured.set(location, objective);
  for (const method of declaration.of(key, isStatic)) applyObjective(runtime, declaration, method);
  return use.dialect === 'legacy' ? use.descriptor : value;
}

function serviceOnMethod(where: string): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `${where}: option 'scope' is 'service', but this objective is on a method. Put it on the class, or remove 'scope'.`,
  );
}

function declaredTwice(location: string): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_DECLARED_TWICE',
    `@Objective on ${location}: the objective is declared twice. Promise availability and latency in one @Objective.`,
  );
}

const isFraction = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < 1;

const checkFraction: OptionCheck = (where, name, value) =>
  checkOption(
    where,
    name,
    value,
    isFraction,
    `a number above 0 and below 1, such as 0.999${percentHint(value)}`,
  );

/** What a percentage is as a fraction, for an option that was set to one. Empty for other values. */
function percentHint(value: unknown): string {
  if (typeof value !== 'number' || value <= 1 || value >= 100) return '';
  return `; ${value} % is ${Number((value / 100).toPrecision(12))}`;
}

const LONGEST_WINDOW_DAYS = 90;

function isWindow(value: unknown): boolean {
  const match = typeof value === 'string' ? /^([1-9]\d{0,2})([dw])$/.exec(value) : null;
  return match !== null && Number(match[1]) * (match[2] === 'w' ? 7 : 1) <= LONGEST_WINDOW_DAYS;
}

type LatencyOptions = NonNullable<ObjectiveOptions['latency']>;

const LATENCY_OPTIONS: OptionTable<LatencyOptions> = {
  target: checkFraction,
  within: mustBe(isPositiveSeconds, 'a number of seconds above 0'),
};

/** Both options of `latency` are required. */
function checkLatency(where: string, latency: unknown): void {
  checkOptionTable<Partial<LatencyOptions>>(where, latency, LATENCY_OPTIONS);
  // A check accepts undefined, and rejects null.
  const { target = null, within = null } = latency;
  LATENCY_OPTIONS.target(where, 'target', target);
  LATENCY_OPTIONS.within(where, 'within', within);
}

const OPTIONS: OptionTable<ObjectiveOptions> = {
  availability: checkFraction,
  latency: (where, name, value) => checkLatency(`${where}: ${name}`, value),
  window: mustBe(isWindow, "days or weeks up to 90 days, such as '30d' or '4w'"),
  declaredExceptionsAreErrors: mustBe(isBoolean, 'true or false'),
  scope: mustBe((value) => value === 'method' || value === 'service', "'method' or 'service'"),
};

/** Validates the options of `Objective` and fills in the defaults. */
export function createObjective(options: unknown, where: string): DeclaredObjective {
  checkOptionTable<ObjectiveOptions>(where, options, OPTIONS);
  const {
    availability,
    latency,
    window = '30d',
    declaredExceptionsAreErrors = false,
    scope,
  } = options;
  if (availability === undefined && latency === undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the objective promises nothing. Set 'availability', 'latency' or both, such as { availability: 0.999 }.`,
    );
  }
  return {
    ...(availability !== undefined && { availability }),
    ...(latency !== undefined && { latency: { ...latency } }),
    window,
    ...(scope === 'service' && { scope }),
    declaredExceptionsAreErrors,
  };
}
