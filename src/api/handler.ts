import { ClassDeclaration, serviceNameOf } from '../declaration/class';
import { bindAll } from '../declaration/class-binding';
import { declarationsOf } from '../declaration/declarations';
import { declareOnProperty } from '../declaration/declare';
import { createFacade } from '../declaration/facade';
import {
  classOf,
  declarationIn,
  isClass,
  isHandler,
  layersOf,
} from '../declaration/handler-methods';
import type { HandlerCall } from '../recording/call';
import type { Method } from '../recording/wrap';
import { inventoryOf } from '../runtime/inventory';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import { checkOption, checkOptions, isNonEmptyString, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { createMetricSpecs, INSTRUMENTED_OPTIONS, SERVICE_NAME } from './metric-options';
import type { InstrumentOptions, InstrumentedOptions } from './options';

const WHERE = 'instrumentHandler';

/**
 * Measures every method of a handler without decorators, including inherited ones, and returns the object to hand to Thrift.
 * The handler can be anything that Thrift accepts: a plain object, an instance, a module, a class with static methods, a
 * function, or a proxy.
 *
 * The handler itself does not change and is not copied. The returned object looks each method up on the handler when it is
 * called, and calls it with the handler as receiver. So private fields, frozen objects and accessors work, and methods that
 * are added or replaced later are measured. Calls on the handler itself, and from one method to another, are not. What
 * decorators or an earlier `instrumentHandler` measure is not counted again.
 *
 * Options, metrics and labels are the ones of `Instrumented`. `service` defaults to the service of the class.
 *
 * @throws {@link ThriftMetricsError} if the handler is not an object or function, or an option is not valid.
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
  if (!isHandler(handler)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the handler is ${show(handler)}. Expected an object whose functions are the methods of a service.`,
    );
  }
  const type: unknown = handler;
  if (typeof type === 'function' && isClass(type) && !hasStaticMembers(type)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the handler is the class ${type.name}, which has no static methods. Pass an instance of it.`,
    );
  }
  return measureHandler(currentRuntime(), handler, options as InstrumentedOptions);
}

function hasStaticMembers(handler: Function): boolean {
  const keys = layersOf(handler).flatMap((layer) => Reflect.ownKeys(layer));
  return keys.some((key) => key !== 'length' && key !== 'name' && key !== 'prototype');
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
  // The check accepts undefined, and rejects null.
  checkOption(where, 'service', service ?? null, isNonEmptyString, SERVICE_NAME);
  const specs = createMetricSpecs(rest, `${where} ${service}.${method}`);
  const runtime = currentRuntime();
  const around = declarationsOf(runtime).around(fn);
  const recorded = new Set(around.flatMap((each) => each.specs.map(({ kind }) => kind)));
  const missing = specs.filter(({ kind }) => !recorded.has(kind));
  if (missing.length === 0) return fn;
  const target = { [method]: fn };
  const declaringClass = { name: service as string };
  const declaration = new ClassDeclaration();
  declaration.service = service as string;
  declareOnProperty(runtime, target, declaringClass, declaration, method, false, missing);
  bindAll(runtime, declaration, declaringClass);
  return target[method] as F;
}

/**
 * Creates the facade of a handler. `methods` names the methods to measure; without it, every method is measured.
 *
 * @throws {@link ThriftMetricsError} if an option is not valid, or a metric conflicts with another.
 */
export function measureHandler<H extends object>(
  runtime: Runtime,
  handler: H,
  options: InstrumentedOptions,
  methods: ReadonlySet<string> | null = null,
): H {
  const specs = createMetricSpecs(options, WHERE);
  const name: unknown = classOf(handler)?.name;
  const declaringClass = { name: typeof name === 'string' ? name : 'Object' };
  const service = options.service ?? serviceOf(handler, declaringClass.name);
  const facade = createFacade(runtime, handler, { specs, service, declaringClass, methods });
  inventoryOf(runtime).addFacade(service);
  return facade;
}

/** The service of a handler for which the options do not name one: of an earlier `instrumentHandler`, or of the class. */
function serviceOf(handler: object, className: string): string {
  const type = classOf(handler);
  const declaration = declarationIn(handler) ?? (type === null ? undefined : declarationIn(type));
  return declaration?.serviceName(className) ?? serviceNameOf(className);
}
