import type { Runtime } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';
import { locationOf } from './method';
import { isObject, show } from '../validation/checks';
import { attachDeclaration, declarationOf, findDeclaration, type ClassDeclaration } from './class';
import { adoptMethods } from './declare';
import { isAppliedToClass } from './dialect';

/** A decorator on a class, whichever dialect it was applied in. */
export interface ClassUse {
  readonly owner: Function;
  readonly declaration: ClassDeclaration;
}

/** Reads the arguments that the class statement hands to a class decorator. */
export function parseClassUse(
  runtime: Runtime,
  decorator: string,
  args: readonly unknown[],
): ClassUse {
  if (!isAppliedToClass(args)) {
    throw new ThriftMetricsError(
      'TM_ERR_NOT_A_METHOD',
      `@${decorator} cannot decorate ${locationOfUse(args)}. Put it on a class.`,
    );
  }
  const [owner, context] = args as [Function, ClassDecoratorContext | undefined];
  const metadata = context?.metadata as object | undefined;
  // The class gets its metadata only after its decorators have run.
  if (metadata !== undefined && findDeclaration(owner) === undefined) {
    attachDeclaration(owner, declarationOf(metadata));
  }
  return { owner, declaration: adoptMethods(runtime, owner) };
}

/** Names what a decorator was applied to, for error messages. */
export function locationOfUse([target, second]: readonly unknown[]): string {
  if (typeof second === 'string' || typeof second === 'symbol') {
    const owner = typeof target === 'function' ? target : (target as object).constructor;
    return locationOf(owner, second);
  }
  if (isObject(second)) {
    const { kind, name } = second as DecoratorContext;
    return `a ${kind} (${String(name)})`;
  }
  return typeof target === 'function' ? `a class (${target.name})` : show(target);
}
