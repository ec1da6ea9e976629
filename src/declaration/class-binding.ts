import { UNKNOWN } from '../recording/guards';
import type { Method } from '../recording/wrap';
import type { Runtime } from '../runtime/runtime';
import { bind } from './bind';
import { attachDeclaration, type ClassDeclaration, declarationOf, findDeclaration } from './class';
import { declarationsOf } from './declarations';
import type { ClassUse } from './dialect';
import type { MethodDeclaration } from './method';

/** Creates the series of every declared method of a class, under the service of the class. */
export function bindAll(
  runtime: Runtime,
  declaration: ClassDeclaration,
  declaringClass: { readonly name: string },
): void {
  const service = declaration.serviceName(declaringClass.name);
  for (const method of declaration.methods) {
    method.declaringClass ??= declaringClass;
    bind(runtime, method, service);
  }
}

/** Finds or creates the declaration of a class under decoration, with the methods that were declared before. */
export function declarationOfUse(
  runtime: Runtime,
  { declaringClass, metadata }: ClassUse,
): ClassDeclaration {
  // The class gets its metadata only after its decorators have run.
  if (metadata !== undefined && findDeclaration(declaringClass) === undefined) {
    attachDeclaration(declaringClass, declarationOf(metadata));
  }
  return adoptMethods(runtime, declaringClass);
}

/** Adds the methods that the standard dialect declared before their class was known to the declaration of the class. */
export function adoptMethods(runtime: Runtime, declaringClass: Function): ClassDeclaration {
  const { wrappers } = declarationsOf(runtime);
  const declaration = declarationOf(declaringClass);
  for (const [target, isStatic] of [
    [declaringClass.prototype as object, false],
    [declaringClass, true],
  ] as const) {
    for (const key of Reflect.ownKeys(target)) {
      const value: unknown = Reflect.getOwnPropertyDescriptor(target, key)?.value;
      const method = typeof value === 'function' ? wrappers.get(value as Method) : undefined;
      if (method === undefined || method.declaringClass !== null) continue;
      if (method.isStatic !== isStatic || declaration.methods.includes(method)) continue;
      declaration.methods.push(method);
    }
  }
  return declaration;
}

/** Binds a method of the standard dialect when an instance is constructed, or for a static method, its class. */
export function bindAtInitialization(
  runtime: Runtime,
  method: MethodDeclaration,
  receiver: unknown,
): void {
  if (method.declaringClass !== null) return;
  const { certain, probable } = classesOf(runtime, method, receiver);
  const declaringClass = certain[0] ?? probable[0];
  if (declaringClass !== undefined) bindToClass(runtime, method, declaringClass);
}

/**
 * Binds a method of the standard dialect at its first call, if nothing has bound it before.
 *
 * @returns whether the plan can record the call. Never throws.
 */
export function bindAtCall(
  runtime: Runtime,
  method: MethodDeclaration,
  receiver: unknown,
): boolean {
  try {
    const [declaringClass] = classesOf(runtime, method, receiver).certain;
    if (declaringClass !== undefined) bindToClass(runtime, method, declaringClass);
    else if (method.series.length === 0) {
      // A method can be called on any receiver. A later receiver may show the class, so the plan does not become ready.
      bind(runtime, method, UNKNOWN);
      method.plan.ready = false;
      method.plan.isPlain = false;
    }
    return true;
  } catch (error) {
    runtime.faults.report(`declaration:${method.location}`, error);
    method.plan.prepare = () => false;
    return false;
  }
}

/** Binds a method, and all other methods of its class, to a class that no class decorator has named. */
function bindToClass(runtime: Runtime, method: MethodDeclaration, declaringClass: Function): void {
  bindAll(runtime, adoptMethods(runtime, declaringClass), declaringClass);
  // The properties of the class do not show a private method, or one under another library's decorator.
  if (method.declaringClass === null) {
    method.declaringClass = declaringClass;
    bind(runtime, method, declarationOf(declaringClass).serviceName(declaringClass.name));
  }
}

/** Finds the classes of a receiver that certainly or probably declare a method, the most probable ones first. */
function classesOf(
  runtime: Runtime,
  method: MethodDeclaration,
  receiver: unknown,
): { certain: Function[]; probable: Function[] } {
  const { wrappers } = declarationsOf(runtime);
  const certain: Function[] = [];
  const probable: Function[] = [];
  for (
    let target: unknown = method.isStatic ? receiver : prototypeOf(receiver);
    target !== null && target !== undefined && target !== Function.prototype;
    target = prototypeOf(target)
  ) {
    const type: unknown = method.isStatic
      ? target
      : Reflect.getOwnPropertyDescriptor(target, 'constructor')?.value;
    if (typeof type !== 'function' || type === Object) continue;
    const value: unknown = Reflect.getOwnPropertyDescriptor(target, method.key)?.value;
    const isOwn = typeof value === 'function' && wrappers.get(value as Method) === method;
    if (isOwn || findDeclaration(type)?.methods.includes(method) === true) certain.push(type);
    else if (value !== undefined) probable.unshift(type);
    else probable.push(type);
  }
  return { certain, probable };
}

function prototypeOf(value: unknown): object | null {
  return value === null || value === undefined
    ? null
    : (Object.getPrototypeOf(value) as object | null);
}
