import 'reflect-metadata';

import { wrap, type Method } from '../call/wrap';
import { ThriftMetricsError } from '../errors';
import { bind } from '../registry/bind';
import { ensureFamily } from '../registry/families';
import { faults } from '../registry/faults';
import { MethodDeclaration } from '../registry/method-declaration';
import type { MetricSpec } from '../registry/metric-spec';
import { markMeasured, setObjective } from '../registry/objective';
import { state } from '../registry/state';
import { ClassDeclaration, declarationOf, findDeclaration } from './class-declaration';
import type { MethodUse } from './dialect';

/** Declares metrics on a method under decoration, and returns what the decorator is to return. */
export function declareOnMethod(use: MethodUse, specs: readonly MetricSpec[]): unknown {
  if (use.dialect === 'legacy') {
    const { owner } = use;
    const declaration = declarationOf(owner);
    use.descriptor.value = addMetrics(use, owner, declaration, specs);
    const service = declaration.serviceName(owner.name);
    for (const method of declaration.of(use.key, use.isStatic)) bind(method, service);
    return use.descriptor;
  }
  const { context } = use;
  const declaration = pendingDeclaration(use);
  const before = declaration.methods.length;
  const wrapper = addMetrics(use, null, declaration, specs);
  pending.set(wrapper, declaration);
  for (const method of declaration.methods.slice(before)) {
    context.addInitializer(function (this: unknown) {
      if (method.owner !== null) return;
      const { certain, probable } = classesOf(method, this);
      const owner = certain[0] ?? probable[0];
      if (owner !== undefined) bindToClass(method, owner);
    });
    method.plan.prepare = (self) => prepareAtCall(method, self);
  }
  return wrapper;
}

/** What wrappers of the standard dialect belong to while their class is not known. */
const pending = new WeakMap<Method, ClassDeclaration>();

/** Without `context.metadata`, each method has a declaration of its own until its class is known. */
export function pendingDeclaration({
  value,
  context,
}: MethodUse & { dialect: 'standard' }): ClassDeclaration {
  const metadata = context.metadata as object | undefined;
  if (metadata !== undefined) return declarationOf(metadata);
  return pending.get(value) ?? new ClassDeclaration();
}

/** Declares metrics on a property of a class prototype, a class, or a handler object that exists. */
export function declareOnProperty(
  holder: object,
  owner: { readonly name: string },
  declaration: ClassDeclaration,
  key: PropertyKey,
  isStatic: boolean,
  specs: readonly MetricSpec[],
): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(holder, key) as PropertyDescriptor;
  const value = descriptor.value as Method;
  const wrapper = addMetrics({ value, key, isStatic }, owner, declaration, specs);
  if (wrapper !== value) Object.defineProperty(holder, key, { ...descriptor, value: wrapper });
}

/**
 * Adds metrics to what is declared of a method, and returns the wrapper: the one it has, or a new one. A metric of a
 * kind that the wrapper has under another name needs a wrapper around that wrapper.
 */
function addMetrics(
  { value, key, isStatic }: { value: Method; key: PropertyKey; isStatic: boolean },
  owner: { readonly name: string } | null,
  declaration: ClassDeclaration,
  specs: readonly MetricSpec[],
): Method {
  const earlier = declaration.of(key, isStatic);
  // Not the wrapper under another library's: what that one answers by itself would not be seen.
  const shared = earlier.find(
    (method) =>
      state.wrappers.get(value) === method &&
      !method.specs.some((had) => specs.some((spec) => spec.kind === had.kind)),
  );
  const method = shared ?? new MethodDeclaration(key, isStatic, value);
  method.owner ??= owner;
  for (const { name } of specs) {
    if (earlier.some((other) => other.specs.some((spec) => spec.name === name))) {
      throw new ThriftMetricsError(
        'TM_ERR_DECLARED_TWICE',
        `${method.place}: metric '${name}' is declared twice on this method. Remove one of the decorators, or give one of them another name.`,
      );
    }
  }
  for (const spec of specs) ensureFamily(spec.name, spec.type, spec.help, method);
  method.specs.push(...specs);
  if (method !== shared) declaration.methods.push(method);
  applyObjective(declaration, method);
  const hasCallLabels = specs.some(({ labelFunctions }) => Object.keys(labelFunctions).length > 0);
  if (method === shared && (method.hasCallLabels || !hasCallLabels)) return value;
  method.hasCallLabels = hasCallLabels;
  const wrapper = wrap(method.original, method.plan, hasCallLabels, value);
  copyMetadata(value, wrapper);
  state.wrappers.set(wrapper, method);
  return wrapper;
}

/** Gives a method its objective: its own, or that of its class. */
export function applyObjective(declaration: ClassDeclaration, method: MethodDeclaration): void {
  const own =
    declaration.objectiveOf(method.key, method.isStatic) ??
    state.objectives.get(method.original) ??
    null;
  setObjective(method, own ?? declaration.objective);
  markMeasured([own, declaration.objective]);
}

/** Gives every method declared of a class its series, under the service that the class names. */
export function bindAll(declaration: ClassDeclaration, owner: { readonly name: string }): void {
  const service = declaration.serviceName(owner.name);
  for (const method of declaration.methods) {
    method.owner ??= owner;
    bind(method, service);
  }
}

/** What the standard dialect declared of a class before the class was known. */
export function adoptMethods(owner: Function): ClassDeclaration {
  const declaration = declarationOf(owner);
  for (const [holder, isStatic] of [
    [owner.prototype as object, false],
    [owner, true],
  ] as const) {
    for (const key of Reflect.ownKeys(holder)) {
      const value: unknown = Reflect.getOwnPropertyDescriptor(holder, key)?.value;
      const method = typeof value === 'function' ? state.wrappers.get(value as Method) : undefined;
      if (method === undefined || method.owner !== null || method.isStatic !== isStatic) continue;
      if (!declaration.methods.includes(method)) declaration.methods.push(method);
    }
  }
  return declaration;
}

/** Binds a method of the standard dialect whose class no decorator named, from an instance, or from the class. */
function bindToClass(method: MethodDeclaration, owner: Function): void {
  bindAll(adoptMethods(owner), owner);
  // A method that its class does not show (a private one, or one under a foreign decorator) is of that class, too.
  if (method.owner === null) {
    method.owner = owner;
    bind(method, declarationOf(owner).serviceName(owner.name));
  }
}

/** At the first call, when nothing was constructed before it. */
function prepareAtCall(method: MethodDeclaration, receiver: unknown): boolean {
  try {
    const [owner] = classesOf(method, receiver).certain;
    if (owner !== undefined) bindToClass(method, owner);
    else if (method.held.length === 0) {
      // Any function can be called on anything. The next receiver may tell the class.
      bind(method, '_unknown');
      method.plan.ready = false;
      method.plan.isPlain = false;
    }
    return true;
  } catch (error) {
    faults.report(`declaration:${method.place}`, error);
    method.plan.prepare = () => false;
    return false;
  }
}

/**
 * The classes of a receiver that may have declared a method: for certain, or else probably, the most probable first.
 */
function classesOf(
  method: MethodDeclaration,
  receiver: unknown,
): { certain: Function[]; probable: Function[] } {
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
    const isOwn = typeof value === 'function' && state.wrappers.get(value as Method) === method;
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
