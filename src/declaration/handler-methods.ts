import type { MetricKind } from '../metrics/catalogue';
import type { Method } from '../recording/wrap';
import type { Runtime } from '../runtime/runtime';
import { isObject } from '../validation/checks';
import { type ClassDeclaration, findDeclaration } from './class';
import { declarationsOf } from './declarations';
import type { MethodDeclaration } from './method';

// A handler can be any object: an instance, a class with static methods, a module, a proxy. The functions below read it
// through property descriptors, so that they run no accessor. A proxy that refuses to list its properties has none here.

/** Whether a value can be a handler: an object, or a function whose properties are the methods. */
export function isHandler(value: unknown): value is object {
  return isObject(value) || typeof value === 'function';
}

/** An object and its prototypes, without the prototypes that every object or function has. */
export function layersOf(handler: object): object[] {
  const layers: object[] = [];
  try {
    for (
      let layer: object | null = handler;
      layer !== null && !isBuiltInPrototype(layer);
      layer = Object.getPrototypeOf(layer) as object | null
    ) {
      layers.push(layer);
    }
  } catch {
    // The handler is a proxy whose prototype cannot be read.
  }
  return layers;
}

/** The property of a handler, own or inherited, with the object that has it. */
export function findProperty(
  handler: object,
  key: PropertyKey,
): { layer: object; property: PropertyDescriptor } | undefined {
  for (const layer of layersOf(handler)) {
    const property = ownProperty(layer, key);
    if (property !== undefined) return { layer, property };
  }
  return undefined;
}

/** The keys and values of all methods that a handler shows without running an accessor. */
export function listMethods(handler: object): Map<string, Method> {
  const methods = new Map<string, Method>();
  const hidden = new Set<PropertyKey>();
  for (const layer of layersOf(handler)) {
    for (const key of ownKeys(layer)) {
      if (hidden.has(key)) continue;
      hidden.add(key);
      const value: unknown = ownProperty(layer, key)?.value;
      if (isMethod(key, value)) methods.set(key as string, value);
    }
  }
  return methods;
}

/** Whether a property of a handler is a method: not a class, not keyed by a symbol, and not one that every object has. */
export function isMethod(key: PropertyKey, value: unknown): value is Method {
  if (typeof value !== 'function' || typeof key === 'symbol' || key === 'constructor') return false;
  const source = Function.prototype.toString.call(value);
  if (isClassSource(source)) return false;
  return !(Object.hasOwn(Object.prototype, key) && source.includes('[native code]'));
}

export function isClass(value: Function): boolean {
  return isClassSource(Function.prototype.toString.call(value));
}

function isClassSource(source: string): boolean {
  return /^class\b/.test(source);
}

/** The class of a handler: the handler itself if it is a function, or else its nearest constructor. Null for plain objects. */
export function classOf(handler: object): Function | null {
  if (typeof handler === 'function') return handler;
  for (const layer of layersOf(handler)) {
    const constructor: unknown = ownProperty(layer, 'constructor')?.value;
    if (typeof constructor === 'function') return constructor;
  }
  return null;
}

/** Whether decorators or `instrumentHandler` have declared anything for a handler. */
export function isDeclared(handler: object): boolean {
  return layersOf(handler).some((layer) => {
    const declaringClass = classDeclaring(layer);
    return (
      declarationIn(layer) !== undefined ||
      (declaringClass !== null && declarationIn(declaringClass) !== undefined)
    );
  });
}

/** The kinds of metrics that a method already records when it is called on the handler. */
export function recordedKinds(
  runtime: Runtime,
  handler: object,
  key: PropertyKey,
  method: Method,
): Set<MetricKind> {
  const declarations = declarationsOf(runtime).around(method);
  for (const layer of layersOf(handler)) {
    if (ownProperty(layer, key)?.value !== method) continue;
    declarations.push(...declaredIn(handler, layer, key));
  }
  return new Set(declarations.flatMap(({ specs }) => specs.map(({ kind }) => kind)));
}

/** The declarations of a method in the class that a layer of a handler belongs to. */
export function declaredIn(handler: object, layer: object, key: PropertyKey): MethodDeclaration[] {
  const isStatic = typeof handler === 'function';
  const target = isStatic ? layer : classDeclaring(layer);
  return (target === null ? undefined : declarationIn(target))?.of(key, isStatic) ?? [];
}

/** Whether `NotInstrumented` excludes a method of a handler. */
export function isExcluded(
  runtime: Runtime,
  handler: object,
  key: PropertyKey,
  method: Method | null,
): boolean {
  if (method !== null && declarationsOf(runtime).isExcluded(method)) return true;
  const layer = findProperty(handler, key)?.layer;
  if (layer === undefined) return false;
  const isStatic = typeof handler === 'function';
  const target = isStatic ? layer : classOf(layer);
  return target !== null && declarationIn(target)?.isExcluded(key, isStatic) === true;
}

/** The class whose prototype a layer is. */
function classDeclaring(layer: object): Function | null {
  const constructor: unknown = ownProperty(layer, 'constructor')?.value;
  return typeof constructor === 'function' ? constructor : null;
}

/** The declaration of a class or handler like {@link findDeclaration}, also of a proxy that throws. */
export function declarationIn(target: object): ClassDeclaration | undefined {
  try {
    return findDeclaration(target);
  } catch {
    return undefined;
  }
}

function ownKeys(layer: object): PropertyKey[] {
  try {
    return Reflect.ownKeys(layer);
  } catch {
    return [];
  }
}

function ownProperty(layer: object, key: PropertyKey): PropertyDescriptor | undefined {
  try {
    return Reflect.getOwnPropertyDescriptor(layer, key);
  } catch {
    return undefined;
  }
}

/** `Object.prototype` or `Function.prototype` of any realm. Jest, for example, runs tests in another realm. */
function isBuiltInPrototype(object: object): boolean {
  if (object === Object.prototype || object === Function.prototype) return true;
  const needed = typeof object === 'function' ? ['apply', 'bind', 'call'] : ['__defineGetter__'];
  return needed.every((key) => Object.hasOwn(object, key));
}
