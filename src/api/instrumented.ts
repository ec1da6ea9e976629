import { type ClassDeclaration, declarationOf } from '../declaration/class';
import { parseClassUse } from '../declaration/class-use';
import { declarationsOf } from '../declaration/declarations';
import {
  bindAll,
  declareOnMethod,
  declareOnProperty,
  pendingDeclaration,
} from '../declaration/declare';
import { isApplied, isAppliedToClass, notAMethod, parseMethodUse } from '../declaration/dialect';
import type { MetricSpec } from '../declaration/metric-spec';
import type { Method } from '../recording/wrap';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import { show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { whereOf } from './decorators';
import { createMetricSpecs } from './metric-options';
import type {
  InstrumentedDecorator,
  InstrumentedOptions,
  NotInstrumentedDecorator,
} from './options';

/**
 * Measures a method with all four of `Counted`, `Timed`, `ErrorsCounted` and `InFlight`. On a class, it measures every
 * method, instance and static, that the class itself declares. A decorator on a method takes precedence for its metric,
 * and `NotInstrumented` leaves a method out.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is invalid or conflicts with another declaration.
 *
 * @example
 * ```ts
 * @Instrumented({ service: 'Calculator', exceptions: [InvalidOperation], inFlight: false })
 * class CalculatorHandler {
 *   async add(a: number, b: number) {
 *     return a + b;
 *   }
 * }
 * ```
 */
export const Instrumented = function Instrumented(...args: unknown[]): unknown {
  if (isAppliedToClass(args)) return applyToClass(args, {});
  if (isApplied(args)) return applyToMethod(args, {});
  const [options = {}] = args;
  if (typeof options === 'string') {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `@Instrumented: the options are ${show(options)}. Expected an object. To name the service, write @Instrumented({ service: ${show(options)} }) on the class.`,
    );
  }
  return (...applied: unknown[]) =>
    isAppliedToClass(applied) ? applyToClass(applied, options) : applyToMethod(applied, options);
} as InstrumentedDecorator;

function applyToMethod(args: readonly unknown[], options: unknown): unknown {
  const use = parseMethodUse('Instrumented', args);
  const where = whereOf('Instrumented', use);
  const specs = createMetricSpecs(options, where);
  if ((options as InstrumentedOptions).service !== undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: option 'service' names the service of a class. Put it on the class, or use @ThriftService there.`,
    );
  }
  return declareOnMethod(currentRuntime(), use, specs);
}

function applyToClass(args: readonly unknown[], options: unknown): void {
  const runtime = currentRuntime();
  const { owner, declaration } = parseClassUse(runtime, 'Instrumented', args);
  const specs = createMetricSpecs(options, `@Instrumented on ${owner.name}`);
  const { service } = options as InstrumentedOptions;
  if (service !== undefined) declaration.service = service;
  for (const key of methodsOf(owner.prototype as object, false)) {
    declareMissing(runtime, owner.prototype as object, owner, declaration, key, false, specs);
  }
  for (const key of methodsOf(owner, true)) {
    declareMissing(runtime, owner, owner, declaration, key, true, specs);
  }
  bindAll(runtime, declaration, owner);
}

/** Declares the metrics of those kinds that the method does not have yet. */
function declareMissing(
  runtime: Runtime,
  holder: object,
  owner: { readonly name: string },
  declaration: ClassDeclaration,
  key: PropertyKey,
  isStatic: boolean,
  specs: readonly MetricSpec[],
): void {
  const method = Reflect.getOwnPropertyDescriptor(holder, key)?.value as Method;
  if (declaration.isExcluded(key, isStatic) || declarationsOf(runtime).excluded.has(method)) return;
  const kinds = new Set(
    declaration.of(key, isStatic).flatMap(({ specs: had }) => had.map(({ kind }) => kind)),
  );
  const missing = specs.filter(({ kind }) => !kinds.has(kind));
  if (missing.length > 0)
    declareOnProperty(runtime, holder, owner, declaration, key, isStatic, missing);
}

/** The keys of the methods that a class itself declares, on its prototype or on itself. */
function methodsOf(holder: object, isStatic: boolean): PropertyKey[] {
  return Reflect.ownKeys(holder).filter((key) => {
    if (key === 'constructor' && !isStatic) return false;
    const { value, enumerable } = Reflect.getOwnPropertyDescriptor(
      holder,
      key,
    ) as PropertyDescriptor;
    if (typeof value !== 'function') return false;
    // Of a class as written, static methods are not enumerable and static fields are; compiled to ES5, both are.
    return !isStatic || enumerable === false || !isEs6Class(holder);
  });
}

function isEs6Class(owner: object): boolean {
  return Reflect.getOwnPropertyDescriptor(owner, 'prototype')?.writable === false;
}

/**
 * Leaves a method out of what `Instrumented` on its class measures. Decorators of single metrics on the method still apply.
 *
 * @throws {@link ThriftMetricsError} at class definition, when it decorates anything but a method.
 *
 * @example
 * ```ts
 * @Instrumented
 * class CalculatorHandler {
 *   add(a: number, b: number) {
 *     return a + b;
 *   }
 *
 *   @NotInstrumented
 *   describe() {
 *     return 'not measured';
 *   }
 * }
 * ```
 */
export const NotInstrumented = function NotInstrumented(...args: unknown[]): unknown {
  if (isApplied(args)) return exclude(args);
  if (typeof args[0] === 'function') throw notAMethod('NotInstrumented', 'a class', args[0].name);
  return (...applied: unknown[]) => exclude(applied);
} as NotInstrumentedDecorator;

function exclude(args: readonly unknown[]): unknown {
  const use = parseMethodUse('NotInstrumented', args);
  if (use.dialect === 'legacy') {
    declarationOf(use.owner).exclude(use.key, use.isStatic);
    return use.descriptor;
  }
  const runtime = currentRuntime();
  pendingDeclaration(runtime, use).exclude(use.key, use.isStatic);
  declarationsOf(runtime).excluded.add(use.value);
  return use.value;
}
