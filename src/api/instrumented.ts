import { type ClassDeclaration, declarationOf } from '../declaration/class';
import { bindAll, declarationOfUse } from '../declaration/class-binding';
import { declarationsOf } from '../declaration/declarations';
import { declareOnMethod, declareOnProperty, pendingDeclaration } from '../declaration/declare';
import {
  isApplied,
  isAppliedToClass,
  notAMethod,
  parseClassUse,
  parseMethodUse,
} from '../declaration/dialect';
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
 * @throws {@link ThriftMetricsError} at class definition, if an option is invalid or conflicts with another declaration.
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
  const use = parseClassUse('Instrumented', args);
  const declaration = declarationOfUse(runtime, use);
  const { declaringClass } = use;
  const specs = createMetricSpecs(options, `@Instrumented on ${declaringClass.name}`);
  const { service } = options as InstrumentedOptions;
  if (service !== undefined) declaration.service = service;
  const prototype = declaringClass.prototype as object;
  for (const key of methodsOf(prototype, false)) {
    declareMissing(runtime, prototype, declaringClass, declaration, key, false, specs);
  }
  for (const key of methodsOf(declaringClass, true)) {
    declareMissing(runtime, declaringClass, declaringClass, declaration, key, true, specs);
  }
  bindAll(runtime, declaration, declaringClass);
}

/** Declares the metrics of the kinds that the method does not have yet. */
function declareMissing(
  runtime: Runtime,
  target: object,
  declaringClass: { readonly name: string },
  declaration: ClassDeclaration,
  key: PropertyKey,
  isStatic: boolean,
  specs: readonly MetricSpec[],
): void {
  const method = Reflect.getOwnPropertyDescriptor(target, key)?.value as Method;
  if (declaration.isExcluded(key, isStatic) || declarationsOf(runtime).excluded.has(method)) return;
  const kinds = new Set(
    declaration.of(key, isStatic).flatMap(({ specs: had }) => had.map(({ kind }) => kind)),
  );
  const missing = specs.filter(({ kind }) => !kinds.has(kind));
  if (missing.length > 0) {
    declareOnProperty(runtime, target, declaringClass, declaration, key, isStatic, missing);
  }
}

/** The keys of the methods that a class itself declares, on its prototype or on itself. */
function methodsOf(target: object, isStatic: boolean): PropertyKey[] {
  return Reflect.ownKeys(target).filter((key) => {
    if (key === 'constructor' && !isStatic) return false;
    const property = Reflect.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
    if (typeof property.value !== 'function') return false;
    // In an ES6 class, static fields are enumerable and static methods are not. In a class compiled to ES5, both are.
    return !isStatic || property.enumerable === false || !isEs6Class(target);
  });
}

function isEs6Class(target: object): boolean {
  return Reflect.getOwnPropertyDescriptor(target, 'prototype')?.writable === false;
}

/**
 * Excludes a method from `Instrumented` on its class. Decorators of single metrics on the method still apply.
 *
 * @throws {@link ThriftMetricsError} at class definition, if it decorates anything other than a method.
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
    declarationOf(use.declaringClass).exclude(use.key, use.isStatic);
    return use.descriptor;
  }
  const runtime = currentRuntime();
  pendingDeclaration(runtime, use).exclude(use.key, use.isStatic);
  declarationsOf(runtime).excluded.add(use.value);
  return use.value;
}
