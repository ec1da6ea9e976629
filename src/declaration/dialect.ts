import type { Method } from '../recording/wrap';
import { isObject, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { locationOf } from './location';

/** The application of a decorator to a method, in either dialect. */
export type MethodUse =
  | {
      readonly dialect: 'legacy';
      readonly value: Method;
      readonly key: PropertyKey;
      readonly isStatic: boolean;
      readonly declaringClass: Function;
      readonly descriptor: PropertyDescriptor;
    }
  | {
      readonly dialect: 'standard';
      readonly value: Method;
      readonly key: PropertyKey;
      readonly isStatic: boolean;
      readonly context: ClassMethodDecoratorContext;
    };

/** The application of a decorator to a class, in either dialect. */
export interface ClassUse {
  readonly declaringClass: Function;
  /** `context.metadata`, which only the standard dialect has. */
  readonly metadata: object | undefined;
}

/** Whether a decorator is applied to a class or a member, as opposed to called with its options. */
export function isApplied(args: readonly unknown[]): boolean {
  return args.length >= 2 && typeof args[0] !== 'string';
}

/** Whether a decorator is applied to a class. */
export function isAppliedToClass(args: readonly unknown[]): boolean {
  return typeof args[0] === 'function' && (args.length === 1 || kindOf(args[1]) === 'class');
}

/**
 * Reads the arguments of a decorator that is applied to a method.
 *
 * @throws {@link ThriftMetricsError} if it is applied to anything else.
 */
export function parseMethodUse(decorator: string, args: readonly unknown[]): MethodUse {
  const [target, second, descriptor] = args;
  const kind = kindOf(second);
  if (kind !== undefined) {
    const context = second as ClassMethodDecoratorContext;
    if (kind !== 'method')
      throw notAMethod(decorator, kind === 'accessor' ? 'an accessor' : `a ${kind}`, context.name);
    return {
      dialect: 'standard',
      value: target as Method,
      key: context.name,
      isStatic: context.static,
      context,
    };
  }
  if (typeof second !== 'string' && typeof second !== 'symbol') {
    const isClass = args.length === 1 && typeof target === 'function';
    throw notAMethod(
      decorator,
      isClass ? 'a class' : show(target),
      isClass ? target.name : undefined,
    );
  }
  const isStatic = typeof target === 'function';
  const declaringClass = isStatic ? target : (target as object).constructor;
  const location = locationOf(declaringClass, second);
  if (typeof descriptor === 'number') throw notAMethod(decorator, 'a parameter', location);
  const property = descriptor as PropertyDescriptor | undefined;
  if (property === undefined || typeof property.value !== 'function') {
    const accessor = property?.get !== undefined || property?.set !== undefined;
    throw notAMethod(decorator, accessor ? 'an accessor' : 'a field', location);
  }
  return {
    dialect: 'legacy',
    value: property.value as Method,
    key: second,
    isStatic,
    declaringClass,
    descriptor: property,
  };
}

/**
 * Reads the arguments of a decorator that is applied to a class.
 *
 * @throws {@link ThriftMetricsError} if it is applied to anything else.
 */
export function parseClassUse(decorator: string, args: readonly unknown[]): ClassUse {
  if (!isAppliedToClass(args)) {
    throw new ThriftMetricsError(
      'TM_ERR_NOT_A_METHOD',
      `@${decorator} cannot decorate ${describeTarget(args)}. Put it on a class.`,
    );
  }
  const [declaringClass, context] = args as [Function, ClassDecoratorContext | undefined];
  return { declaringClass, metadata: context?.metadata };
}

/** Names the target that a decorator is applied to, for error messages. */
export function describeTarget([target, second]: readonly unknown[]): string {
  if (typeof second === 'string' || typeof second === 'symbol') {
    const declaringClass = typeof target === 'function' ? target : (target as object).constructor;
    return locationOf(declaringClass, second);
  }
  if (isObject(second)) {
    const { kind, name } = second as DecoratorContext;
    return `a ${kind} (${String(name)})`;
  }
  return typeof target === 'function' ? `a class (${target.name})` : show(target);
}

/** The error for a decorator that is applied to something other than a method. */
export function notAMethod(
  decorator: string,
  found: string,
  location: PropertyKey | undefined,
): ThriftMetricsError {
  const suffix = location === undefined ? '' : ` (${String(location)})`;
  return new ThriftMetricsError(
    'TM_ERR_NOT_A_METHOD',
    `@${decorator} cannot decorate ${found}${suffix}. ${adviceFor(decorator, found)}`,
  );
}

function adviceFor(decorator: string, found: string): string {
  if (decorator === 'Instrumented' || decorator === 'Objective') {
    return 'Put it on a method or on a class.';
  }
  if (found !== 'a class') return 'Put it on a method.';
  return decorator === 'NotInstrumented'
    ? 'Put it on a method, or remove @Instrumented from the class.'
    : 'Put it on a method, or use @Instrumented to measure every method.';
}

function kindOf(context: unknown): string | undefined {
  if (!isObject(context)) return undefined;
  const { kind } = context as { kind?: unknown };
  return typeof kind === 'string' ? kind : undefined;
}
