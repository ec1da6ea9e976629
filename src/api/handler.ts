import { ThriftMetricsError } from '../validation/errors';
import type { HandlerCall } from '../recording/call';
import type { Method } from '../recording/wrap';
import { bindAll, declareOnProperty } from '../declaration/declare';
import { declarationsOf } from '../declaration/declarations';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import { isObject, show } from '../validation/checks';
import { declarationOf, findDeclaration, serviceNameOf } from '../declaration/class';
import { createMetricSpecs } from './metric-options';
import { prototypeChain } from '../declaration/prototype-chain';
import type { InstrumentedOptions } from './options';

const WHERE = 'instrumentHandler';

/**
 * Measures every function of a handler without decorators, own and inherited: of a plain object, an instance, or an
 * imported module. Replaces the functions on the handler and returns it; returns a copy if the handler cannot be changed,
 * such as a frozen object or a module. Metrics that decorators declare already are not counted twice.
 *
 * Options, metrics and labels are the ones of `Instrumented`. `service` defaults to the service of the class.
 *
 * @throws {@link ThriftMetricsError} when the handler is not an object, or an option is invalid.
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

/** The same for the methods named, of a handler known to be an object. */
export function instrumentMethods<H extends object>(
  runtime: Runtime,
  handler: H,
  keys: readonly PropertyKey[],
  options: InstrumentedOptions,
): H {
  const specs = createMetricSpecs(options, WHERE);
  const target = isChangeable(handler, keys) ? handler : copyOf(handler);
  const owner = { name: className(handler) };
  const declaration = declarationOf(target);
  declaration.service ??= options.service ?? serviceOfClass(handler) ?? serviceNameOf(owner.name);
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
    declareOnProperty(runtime, target, owner, declaration, key, false, missing);
  }
  bindAll(runtime, declaration, owner);
  return target;
}

/** The keys of all functions, own and inherited, that are neither accessors, classes, nor every object's. */
function methodKeys(handler: object): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  const hidden = new Set<PropertyKey>(['constructor']);
  for (const holder of prototypeChain(handler)) {
    for (const key of Reflect.ownKeys(holder)) {
      if (hidden.has(key)) continue;
      hidden.add(key);
      const { value } = Reflect.getOwnPropertyDescriptor(holder, key) as PropertyDescriptor;
      if (typeof value === 'function' && !isClass(value as Function)) keys.add(key);
    }
  }
  return [...keys];
}

/** Whether decorators, or an earlier `instrumentHandler`, say anything of a handler. */
export function isMeasured(handler: object): boolean {
  for (const holder of prototypeChain(handler)) {
    if (findDeclaration(holder) !== undefined) return true;
    const { constructor } = holder as { constructor?: unknown };
    if (typeof constructor === 'function' && findDeclaration(constructor) !== undefined)
      return true;
  }
  return false;
}

function isClass(value: Function): boolean {
  return Function.prototype.toString.call(value).startsWith('class');
}

function inheritedDescriptor(handler: object, key: PropertyKey): PropertyDescriptor {
  for (const holder of prototypeChain(handler)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(holder, key);
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

/** With the same prototype and properties, all of which can be changed. */
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

/** The kinds of metrics that decorators on the class, or an earlier call, measure already. */
function measuredKinds(
  runtime: Runtime,
  handler: object,
  key: PropertyKey,
  method: Method,
): Set<string> {
  const declared = [declarationsOf(runtime).wrappers.get(method)?.specs ?? []];
  for (const holder of prototypeChain(handler)) {
    if (Reflect.getOwnPropertyDescriptor(holder, key)?.value !== method) continue;
    const owner = holder === handler ? handler : (holder as { constructor: Function }).constructor;
    for (const { specs } of findDeclaration(owner)?.of(key, false) ?? []) declared.push(specs);
  }
  return new Set(declared.flat().map(({ kind }) => kind));
}

function isExcluded(handler: object, key: PropertyKey): boolean {
  for (const holder of prototypeChain(handler)) {
    if (!Object.hasOwn(holder, key)) continue;
    const { constructor } = holder as { constructor?: unknown };
    return (
      typeof constructor === 'function' &&
      findDeclaration(constructor)?.isExcluded(key, false) === true
    );
  }
  return false;
}
