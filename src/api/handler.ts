import {
  ClassDeclaration,
  declarationOf,
  findDeclaration,
  serviceNameOf,
} from '../declaration/class';
import { bindAll } from '../declaration/class-binding';
import { declarationsOf } from '../declaration/declarations';
import { declareOnProperty } from '../declaration/declare';
import type { MetricSpec } from '../declaration/metric-spec';
import { prototypeChain } from '../declaration/prototype-chain';
import type { HandlerCall } from '../recording/call';
import type { Method } from '../recording/wrap';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import { checkOption, checkOptions, isNonEmptyString, isObject, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { createMetricSpecs, INSTRUMENTED_OPTIONS, SERVICE_NAME } from './metric-options';
import type { InstrumentOptions, InstrumentedOptions } from './options';

const WHERE = 'instrumentHandler';

/**
 * Measures every function of a handler without decorators, including inherited ones. The handler can be a plain object, an
 * instance, or an imported module. Replaces the functions on the handler and returns it. Returns a copy if the handler
 * cannot be changed, such as a frozen object or a module. Does not count again what decorators already count.
 *
 * Options, metrics and labels are the ones of `Instrumented`. `service` defaults to the service of the class.
 *
 * @throws {@link ThriftMetricsError} if the handler is not an object, or an option is not valid.
 *
 * @example
 * ```ts
 * const handler = instrumentHandler(
 *   { add: (a: number, b: number, result: (error: null, sum: number) => void) => result(null, a + b) },
 *   { service: 'Calculator' },
 * );
 * ```
 */
export function instrumentHandler<H extends object>(
  handler: H,
  options: InstrumentedOptions<HandlerCall<H>> = {},
): H {
  if (!isObject(handler)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the handler is ${show(handler)}. Expected an object whose functions are the methods of a service.`,
    );
  }
  return instrumentMethods(
    currentRuntime(),
    handler,
    methodKeys(handler),
    options as InstrumentedOptions,
  );
}

/**
 * Measures one function, such as a function of a module or a handler that is built from functions, and returns what to call
 * in its place. The returned function is the same function to its callers: receiver, arguments, result, errors, length,
 * name and properties. The given function is not changed. Metrics that the function records already are not recorded again.
 *
 * Options, metrics and labels are the ones of `Instrumented`. Metrics are registered immediately, and their series start
 * at 0.
 *
 * @throws {@link ThriftMetricsError} `TM_ERR_OPTION_INVALID` if `fn` is not a function, `service` is missing, or the
 * function has no name and `method` is missing; and for the reasons of `Instrumented`.
 *
 * @example
 * ```ts
 * const add = instrument((a: number, b: number) => a + b, { service: 'Calculator', method: 'add' });
 * ```
 */
export function instrument<F extends Method>(fn: F, options: InstrumentOptions<F>): F {
  const where = 'instrument';
  if (typeof fn !== 'function' || isClass(fn)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the first argument is ${show(fn)}. Expected a function. To measure a class, use @Instrumented.`,
    );
  }
  checkOptions(where, options, [...Object.keys(INSTRUMENTED_OPTIONS), 'method']);
  const { method = fn.name, ...rest } = options as InstrumentOptions;
  checkOption(where, 'method', method, isNonEmptyString, "the name of a method, such as 'add'");
  const { service } = rest as { service?: string };
  checkOption(where, 'service', service ?? null, isNonEmptyString, SERVICE_NAME);
  const specs = createMetricSpecs(rest, `${where} ${service}.${method}`);
  const runtime = currentRuntime();
  const recorded = new Set(recordedSpecs(runtime, fn).map(({ kind }) => kind));
  const missing = specs.filter(({ kind }) => !recorded.has(kind));
  if (missing.length === 0) return fn;
  const holder = { [method]: fn };
  const declaringClass = { name: service as string };
  const declaration = new ClassDeclaration();
  declaration.service = service as string;
  declareOnProperty(runtime, holder, declaringClass, declaration, method, false, missing);
  bindAll(runtime, declaration, declaringClass);
  return holder[method] as F;
}

/** Measures the methods with these keys like {@link instrumentHandler}. */
export function instrumentMethods<H extends object>(
  runtime: Runtime,
  handler: H,
  keys: readonly PropertyKey[],
  options: InstrumentedOptions,
): H {
  const specs = createMetricSpecs(options, WHERE);
  const target = isChangeable(handler, keys) ? handler : copyOf(handler);
  const declaringClass = { name: className(handler) };
  const declaration = declarationOf(target);
  declaration.service ??=
    options.service ?? serviceOfClass(handler) ?? serviceNameOf(declaringClass.name);
  for (const key of keys) {
    const method = (handler as Record<PropertyKey, unknown>)[key] as Method;
    if (declarationsOf(runtime).excluded.has(method) || isExcluded(handler, key)) continue;
    const measured = measuredKinds(runtime, handler, key, method);
    const missing = specs.filter(({ kind }) => !measured.has(kind));
    if (missing.length === 0) continue;
    if (!Object.hasOwn(target, key)) {
      const { enumerable } = inheritedDescriptor(target, key);
      Object.defineProperty(target, key, {
        value: method,
        enumerable: enumerable ?? false,
        configurable: true,
        writable: true,
      });
    }
    declareOnProperty(runtime, target, declaringClass, declaration, key, false, missing);
  }
  bindAll(runtime, declaration, declaringClass);
  return target;
}

/** The keys of all functions, own and inherited, except accessors, classes, and the functions of `Object.prototype`. */
function methodKeys(handler: object): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  const hidden = new Set<PropertyKey>(['constructor']);
  for (const object of prototypeChain(handler)) {
    for (const key of Reflect.ownKeys(object)) {
      if (hidden.has(key)) continue;
      hidden.add(key);
      const { value } = Reflect.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
      if (typeof value === 'function' && !isClass(value as Function)) keys.add(key);
    }
  }
  return [...keys];
}

/** Whether decorators or an earlier `instrumentHandler` have declared anything for a handler. */
export function isMeasured(handler: object): boolean {
  for (const object of prototypeChain(handler)) {
    if (findDeclaration(object) !== undefined) return true;
    const { constructor } = object as { constructor?: unknown };
    if (typeof constructor === 'function' && findDeclaration(constructor) !== undefined) {
      return true;
    }
  }
  return false;
}

function isClass(value: Function): boolean {
  return Function.prototype.toString.call(value).startsWith('class');
}

function inheritedDescriptor(handler: object, key: PropertyKey): PropertyDescriptor {
  for (const object of prototypeChain(handler)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (descriptor !== undefined) return descriptor;
  }
  return {};
}

function isChangeable(handler: object, keys: readonly PropertyKey[]): boolean {
  return keys.every((key) => {
    const own = Reflect.getOwnPropertyDescriptor(handler, key);
    return own === undefined ? Object.isExtensible(handler) : own.configurable === true;
  });
}

/** Copies a handler with its prototype and properties. The properties of the copy can be changed. */
function copyOf<H extends object>(handler: H): H {
  const copy = Object.create(Object.getPrototypeOf(handler) as object | null) as H;
  for (const key of Reflect.ownKeys(handler)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(handler, key) as PropertyDescriptor;
    Object.defineProperty(copy, key, { ...descriptor, configurable: true });
  }
  return copy;
}

function className(handler: object): string {
  const { constructor } = handler as { constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : 'Object';
}

function serviceOfClass(handler: object): string | null {
  const { constructor } = handler as { constructor?: unknown };
  if (typeof constructor !== 'function') return null;
  return findDeclaration(constructor)?.serviceName(constructor.name) ?? null;
}

/** The metrics that a function records, including those of the wrappers that it wraps. */
function recordedSpecs(runtime: Runtime, fn: Method): MetricSpec[] {
  const { wrappers } = declarationsOf(runtime);
  const specs: MetricSpec[] = [];
  for (
    let method = wrappers.get(fn);
    method !== undefined;
    method = wrappers.get(method.original)
  ) {
    specs.push(...method.specs);
  }
  return specs;
}

/** The kinds of metrics that decorators or an earlier `instrumentHandler` already record for a method. */
function measuredKinds(
  runtime: Runtime,
  handler: object,
  key: PropertyKey,
  method: Method,
): Set<string> {
  const declared = [recordedSpecs(runtime, method)];
  for (const object of prototypeChain(handler)) {
    if (Reflect.getOwnPropertyDescriptor(object, key)?.value !== method) continue;
    const target = object === handler ? handler : (object as { constructor: Function }).constructor;
    for (const { specs } of findDeclaration(target)?.of(key, false) ?? []) declared.push(specs);
  }
  return new Set(declared.flat().map(({ kind }) => kind));
}

function isExcluded(handler: object, key: PropertyKey): boolean {
  for (const object of prototypeChain(handler)) {
    if (!Object.hasOwn(object, key)) continue;
    const { constructor } = object as { constructor?: unknown };
    return (
      typeof constructor === 'function' &&
      findDeclaration(constructor)?.isExcluded(key, false) === true
    );
  }
  return false;
}
