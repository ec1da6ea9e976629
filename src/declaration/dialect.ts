import type { Method } from '../recording/wrap';
import { ThriftMetricsError } from '../validation/errors';
import { locationOf } from './method';
import { isObject, show } from '../validation/checks';

/** A decorator on a method, whichever dialect it was applied in. */
export type MethodUse =
  | {
      readonly dialect: 'legacy';
      readonly value: Method;
      readonly key: PropertyKey;
      readonly isStatic: boolean;
      /** The class. */
      readonly owner: Function;
      readonly descriptor: PropertyDescriptor;
    }
  | {
      readonly dialect: 'standard';
      readonly value: Method;
      readonly key: PropertyKey;
      readonly isStatic: boolean;
      readonly context: ClassMethodDecoratorContext;
    };

/** Whether a decorator was called by the class statement, and not by the user for its options. */
export function isApplied(args: readonly unknown[]): boolean {
  return args.length >= 2 && typeof args[0] !== 'string';
}

/** Whether a class decorator was called by the class statement. */
export function isAppliedToClass(args: readonly unknown[]): boolean {
  return typeof args[0] === 'function' && (args.length === 1 || kindOf(args[1]) === 'class');
}

/** Reads the arguments that the class statement hands to a method decorator. */
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
  const owner = isStatic ? target : (target as object).constructor;
  const where = locationOf(owner, second);
  if (typeof descriptor === 'number') throw notAMethod(decorator, 'a parameter', where);
  const property = descriptor as PropertyDescriptor | undefined;
  if (property === undefined || typeof property.value !== 'function') {
    const accessor = property?.get !== undefined || property?.set !== undefined;
    throw notAMethod(decorator, accessor ? 'an accessor' : 'a field', where);
  }
  return {
    dialect: 'legacy',
    value: property.value as Method,
    key: second,
    isStatic,
    owner,
    descriptor: property,
  };
}

export function notAMethod(
  decorator: string,
  found: string,
  where: PropertyKey | undefined,
): ThriftMetricsError {
  const place = where === undefined ? '' : ` (${String(where)})`;
  return new ThriftMetricsError(
    'TM_ERR_NOT_A_METHOD',
    `@${decorator} cannot decorate ${found}${place}. ${adviceFor(decorator, found)}`,
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
