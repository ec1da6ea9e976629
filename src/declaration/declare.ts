import 'reflect-metadata';

import { wrap, type Method } from '../recording/wrap';
import { ThriftMetricsError } from '../validation/errors';
import { bind } from './bind';
import { MethodDeclaration } from './method';
import type { MetricSpec } from './metric-spec';
import { declarationsOf } from './declarations';
import { markMeasured, setObjective } from './objective-check';
import type { Runtime } from '../runtime/runtime';
import { ClassDeclaration, declarationOf, findDeclaration } from './class';
import type { MethodUse } from './dialect';

/** Declares metrics on a method under decoration, and returns what the decorator is to return. */
export function declareOnMethod(
  runtime: Runtime,
  use: MethodUse,
  specs: readonly MetricSpec[],
): unknown {
  if (use.dialect === 'legacy') {
    const { owner } = use;
    const declaration = declarationOf(owner);
    use.descriptor.value = addMetrics(runtime, use, owner, declaration, specs);
    const service = declaration.serviceName(owner.name);
    for (const method of declaration.of(use.key, use.isStatic)) bind(runtime, method, service);
    return use.descriptor;
  }
  const { context } = use;
  const declaration = pendingDeclaration(runtime, use);
  const before = declaration.methods.length;
  const wrapper = addMetrics(runtime, use, null, declaration, specs);
  declarationsOf(runtime).pending.set(wrapper, declaration);
  for (const method of declaration.methods.slice(before)) {
    context.addInitializer(function (this: unknown) {
      if (method.owner !== null) return;
      const { certain, probable } = classesOf(runtime, method, this);
      const owner = certain[0] ?? probable[0];
      if (owner !== undefined) bindToClass(runtime, method, owner);
    });
    method.plan.prepare = (self) => prepareAtCall(runtime, method, self);
  }
  return wrapper;
}

/** Without `context.metadata`, each method has its own declaration until its class is known. */
export function pendingDeclaration(
  runtime: Runtime,
  { value, context }: MethodUse & { dialect: 'standard' },
): ClassDeclaration {
  const metadata = context.metadata as object | undefined;
  if (metadata !== undefined) return declarationOf(metadata);
  return declarationsOf(runtime).pending.get(value) ?? new ClassDeclaration();
}

/** Declares metrics on a property of a class prototype, a class, or a handler object that exists. */
export function declareOnProperty(
  runtime: Runtime,
  holder: object,
  owner: { readonly name: string },
  declaration: ClassDeclaration,
  key: PropertyKey,
  isStatic: boolean,
  specs: readonly MetricSpec[],
): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(holder, key) as PropertyDescriptor;
  const value = descriptor.value as Method;
  const wrapper = addMetrics(runtime, { value, key, isStatic }, owner, declaration, specs);
  if (wrapper !== value) Object.defineProperty(holder, key, { ...descriptor, value: wrapper });
}

/**
 * Adds metrics to what is declared of a method, and returns the wrapper: the one it has, or a new one. A metric of a
 * kind that the wrapper has under another name needs a wrapper around that wrapper.
 */
function addMetrics(
  runtime: Runtime,
  { value, key, isStatic }: { value: Method; key: PropertyKey; isStatic: boolean },
  owner: { readonly name: string } | null,
  declaration: ClassDeclaration,
  specs: readonly MetricSpec[],
): Method {
  const { wrappers } = declarationsOf(runtime);
  const earlier = declaration.of(key, isStatic);
  // Not the wrapper under another library's: what that one answers by itself would not be seen.
  const shared = earlier.find(
    (method) =>
      wrappers.get(value) === method &&
      !method.specs.some((had) => specs.some((spec) => spec.kind === had.kind)),
  );
  const method = shared ?? new MethodDeclaration(runtime, key, isStatic, value);
  method.owner ??= owner;
  for (const { name } of specs) {
    if (earlier.some((other) => other.specs.some((spec) => spec.name === name))) {
      throw new ThriftMetricsError(
        'TM_ERR_DECLARED_TWICE',
        `${method.location}: metric '${name}' is declared twice on this method. Remove one of the decorators, or give one of them another name.`,
      );
    }
  }
  for (const { name, type, help } of specs) runtime.families.ensure(name, type, help, method);
  method.specs.push(...specs);
  if (method !== shared) declaration.methods.push(method);
  applyObjective(runtime, declaration, method);
  const hasCallLabels = specs.some(({ labelFunctions }) => Object.keys(labelFunctions).length > 0);
  if (method === shared && (method.hasCallLabels || !hasCallLabels)) return value;
  method.hasCallLabels = hasCallLabels;
  const wrapper = wrap(method.original, method.plan, hasCallLabels, value);
  copyMetadata(value, wrapper);
  wrappers.set(wrapper, method);
  return wrapper;
}

/** Gives a method its objective: its own, or that of its class. */
export function applyObjective(
  runtime: Runtime,
  declaration: ClassDeclaration,
  method: MethodDeclaration,
): void {
  const own =
    declaration.objectiveOf(method.key, method.isStatic) ??
    declarationsOf(runtime).objectives.get(method.original) ??
    null;
  setObjective(runtime, method, own ?? declaration.objective);
  markMeasured(runtime, [own, declaration.objective]);
}

/** Gives every method declared of a class its series, under the service that the class names. */
export function bindAll(
  runtime: Runtime,
  declaration: ClassDeclaration,
  owner: { readonly name: string },
): void {
  const service = declaration.serviceName(owner.name);
  for (const method of declaration.methods) {
    method.owner ??= owner;
    bind(runtime, method, service);
  }
}

/** What the standard dialect declared of a class before the class was known. */
export function adoptMethods(runtime: Runtime, owner: Function): ClassDeclaration {
  const { wrappers } = declarationsOf(runtime);
  const declaration = declarationOf(owner);
  for (const [holder, isStatic] of [
    [owner.prototype as object, false],
    [owner, true],
  ] as const) {
    for (const key of Reflect.ownKeys(holder)) {
      const value: unknown = Reflect.getOwnPropertyDescriptor(holder, key)?.value;
      const method = typeof value === 'function' ? wrappers.get(value as Method) : undefined;
      if (method === undefined || method.owner !== null || method.isStatic !== isStatic) continue;
      if (!declaration.methods.includes(method)) declaration.methods.push(method);
    }
  }
  return declaration;
}

/** Binds a method of the standard dialect whose class no decorator named, from an instance, or from the class. */
function bindToClass(runtime: Runtime, method: MethodDeclaration, owner: Function): void {
  bindAll(runtime, adoptMethods(runtime, owner), owner);
  // A method that its class does not show (a private one, or one under a foreign decorator) is of that class, too.
  if (method.owner === null) {
    method.owner = owner;
    bind(runtime, method, declarationOf(owner).serviceName(owner.name));
  }
}

/** At the first call, when nothing was constructed before it. */
function prepareAtCall(runtime: Runtime, method: MethodDeclaration, receiver: unknown): boolean {
  try {
    const [owner] = classesOf(runtime, method, receiver).certain;
    if (owner !== undefined) bindToClass(runtime, method, owner);
    else if (method.held.length === 0) {
      // Any function can be called on anything. The next receiver may tell the class.
      bind(runtime, method, '_unknown');
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

/**
 * The classes of a receiver that may have declared a method: for certain, or else probably, the most probable first.
 */
function classesOf(
  runtime: Runtime,
  method: MethodDeclaration,
  receiver: unknown,
): { certain: Function[]; probable: Function[] } {
  const { wrappers } = declarationsOf(runtime);
  const certain: Function[] = [];
  const probable: Function[] = [];
  for (
    let holder: unknown = method.isStatic ? receiver : prototypeOf(receiver);
    holder !== null && holder !== undefined && holder !== Function.prototype;
    holder = prototypeOf(holder)
  ) {
    const owner: unknown = method.isStatic
      ? holder
      : Reflect.getOwnPropertyDescriptor(holder, 'constructor')?.value;
    if (typeof owner !== 'function' || owner === Object) continue;
    const value: unknown = Reflect.getOwnPropertyDescriptor(holder, method.key)?.value;
    const isOwn = typeof value === 'function' && wrappers.get(value as Method) === method;
    if (isOwn || findDeclaration(owner)?.methods.includes(method) === true) certain.push(owner);
    else if (value !== undefined) probable.unshift(owner);
    else probable.push(owner);
  }
  return { certain, probable };
}

function prototypeOf(value: unknown): object | null {
  return value === null || value === undefined
    ? null
    : (Object.getPrototypeOf(value) as object | null);
}

/** Metadata that other decorators put on the function itself goes over to the wrapper. */
function copyMetadata(from: Method, to: Method): void {
  for (const key of Reflect.getOwnMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, from), to);
  }
}
