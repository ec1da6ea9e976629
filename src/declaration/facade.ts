import { types } from 'node:util';

import type { DeclaredExceptions } from '../recording/error-recorder';
import { measure, type Method } from '../recording/wrap';
import { definePart, type Runtime } from '../runtime/runtime';
import { attachDeclaration } from './class';
import { declarationsOf } from './declarations';
import { FacadeDeclarations, type FacadeOptions } from './facade-declarations';
import { type Destination, forward } from './forward';
import { isMethod, listMethods } from './handler-methods';
import { copyMetadata } from './metadata';
import type { MethodDeclaration } from './method';
import { StandIn } from './stand-in';

const facadesOf = definePart('declaration.facades', () => new WeakMap<object, Facade>());

/** Finds the facade behind a value that {@link createFacade} has returned, in any copy of this package. */
export function facadeOf(runtime: Runtime, value: object): Facade | undefined {
  return facadesOf(runtime).get(value);
}

/**
 * Creates the object that is handed to Thrift in place of a handler. It behaves like the handler and measures calls of its
 * methods. The handler is neither changed nor copied.
 *
 * @throws {@link ThriftMetricsError} if the metrics of a method conflict with others.
 */
export function createFacade<H extends object>(
  runtime: Runtime,
  handler: H,
  options: FacadeOptions,
): H {
  const facade = new Facade(runtime, handler, options);
  facade.declareKnown();
  facadesOf(runtime).set(facade.proxy, facade);
  return facade.proxy as H;
}

/** What the facade answers for one function of the handler. */
interface Answer {
  readonly given: Function;
  /** Null if the function is answered itself. */
  readonly destination: Destination | null;
  /** What the destination calls while the handler has this function. */
  readonly target: Method;
}

/** One key under which the handler has had functions. */
class AnsweredKey {
  /** The function that the handler had at the last access, and what the facade answered. */
  found: Function | null = null;
  given: Function | null = null;
  readonly answers = new WeakMap<Function, Answer>();
}

/**
 * Looks every property up on the handler when it is accessed, with the handler as receiver. So private fields, frozen
 * objects, accessors, proxies, and methods that are added or replaced later work as they do without the facade.
 *
 * The target of the proxy is not the handler but a stand-in. A proxy must answer the properties of a frozen target as they
 * are, which would leave their functions unmeasured.
 */
export class Facade implements ProxyHandler<object> {
  readonly proxy: object;
  private readonly standIn: StandIn;
  private readonly declarations: FacadeDeclarations;
  private readonly keys = new Map<PropertyKey, AnsweredKey>();
  /** The functions of the handler by the functions that the facade has answered. */
  private readonly originals = new WeakMap<object, object>();

  constructor(
    private readonly runtime: Runtime,
    readonly handler: object,
    private readonly options: FacadeOptions,
  ) {
    this.standIn = new StandIn(handler);
    this.proxy = new Proxy(this.standIn.target, this);
    this.originals.set(this.proxy, handler);
    this.declarations = new FacadeDeclarations(runtime, handler, options);
    copyMetadata(handler, this.proxy);
    attachDeclaration(this.proxy, this.declarations.registered);
  }

  /** Creates the series of every method that the handler shows. The other methods get theirs at their first call. */
  declareKnown(): void {
    for (const [key, method] of listMethods(this.handler)) {
      const declaration = this.declarations.of(key, method);
      if (declaration !== null) this.declarations.register(declaration);
    }
    for (const key of this.options.methods ?? []) this.declarations.served(key);
  }

  /** The name that errors and tools show for the class of the handler. */
  get className(): string {
    return this.options.declaringClass.name;
  }

  /** The declarations of a method of the service that the handler serves. */
  served(key: string): MethodDeclaration[] {
    return this.declarations.served(key);
  }

  /** Sets the exceptions that the service declares for a method. */
  declareThrows(key: string, throws: DeclaredExceptions): void {
    this.declarations.declareThrows(key, throws);
  }

  /** What the facade answers for a value of the handler. */
  private answer(key: PropertyKey, value: unknown): unknown {
    if (value === this.handler) return this.proxy;
    if (typeof value !== 'function') return value;
    let answered = this.keys.get(key);
    if (answered === undefined) {
      answered = new AnsweredKey();
      this.keys.set(key, answered);
    }
    let answer = answered.answers.get(value);
    if (answer === undefined) {
      answer = this.createAnswer(key, value as Method);
      answered.answers.set(value, answer);
    }
    // Measured again after a replacement that was made through the facade is undone.
    if (answer.destination !== null) answer.destination.target = answer.target;
    answered.found = value;
    answered.given = answer.given;
    return answer.given;
  }

  private createAnswer(key: PropertyKey, value: Method): Answer {
    const unchanged: Answer = { given: value, destination: null, target: value };
    if (typeof key !== 'symbol' && !isMethod(key, value)) return unchanged;
    try {
      const { inner, wrappers } = declarationsOf(this.runtime);
      const declaration = typeof key === 'symbol' ? null : this.declarations.of(String(key), value);
      const target = declaration === null ? value : measured(value, declaration);
      const destination: Destination = { facade: this.proxy, handler: this.handler, target };
      const given = forward(value, destination);
      if (declaration !== null) {
        wrappers.set(given, declaration);
        declaration.measured = new WeakRef(value);
      }
      inner.set(given, value);
      this.originals.set(given, value);
      return { given, destination, target };
    } catch (fault) {
      this.runtime.faults.report(`facade:${this.className}.${String(key)}`, fault);
      return unchanged;
    }
  }

  /** What the handler has where the caller sees the facade or one of its functions. */
  private originalOf(value: unknown): unknown {
    const isReference =
      (typeof value === 'object' && value !== null) || typeof value === 'function';
    return (isReference ? this.originals.get(value) : undefined) ?? value;
  }

  /**
   * Stops measuring the function that a caller has replaced through the facade. Spies and patches call the function that
   * they have replaced, and the call is already measured by then.
   */
  private supersede(key: PropertyKey, value: unknown): void {
    const answered = this.keys.get(key);
    if (answered === undefined || answered.found === null || answered.found === value) return;
    const destination = answered.answers.get(answered.found)?.destination ?? null;
    if (destination !== null) destination.target = answered.found as Method;
    answered.found = null;
  }

  /** Gives the stand-in the properties of the handler, because a proxy is exactly as extensible as its target. */
  private lock(): void {
    if (this.standIn.isLocked) return;
    for (const key of Reflect.ownKeys(this.handler)) this.mirror(key);
    this.standIn.lock();
  }

  private mirror(key: PropertyKey): void {
    const property = this.reported(key);
    if (property !== undefined) this.standIn.keep(key, property);
  }

  /** The property of the handler, with the value that the facade answers. */
  private reported(key: PropertyKey): PropertyDescriptor | undefined {
    const property = Reflect.getOwnPropertyDescriptor(this.handler, key);
    if (property !== undefined && 'value' in property) {
      property.value = this.answer(key, property.value);
    }
    return property;
  }

  // The traps of the proxy. The first is on the path of every call: generated code reads the length of a method, then
  // calls it.

  get(_standIn: object, key: PropertyKey, receiver: unknown): unknown {
    const { handler } = this;
    const value: unknown =
      receiver === this.proxy
        ? (handler as Record<PropertyKey, unknown>)[key]
        : Reflect.get(handler, key, receiver);
    if (typeof value !== 'function') return value === handler ? this.proxy : value;
    const answered = this.keys.get(key);
    if (answered !== undefined && answered.found === value) return answered.given;
    return this.answer(key, value);
  }

  set(_standIn: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    const stored = this.originalOf(value);
    if (receiver !== this.proxy) return Reflect.set(this.handler, key, stored, receiver);
    if (!Reflect.set(this.handler, key, stored, this.handler)) return false;
    this.supersede(key, stored);
    return true;
  }

  defineProperty(_standIn: object, key: PropertyKey, property: PropertyDescriptor): boolean {
    const stored = { ...property };
    if ('value' in property) stored.value = this.originalOf(property.value);
    if (!Reflect.defineProperty(this.handler, key, stored)) return false;
    if ('value' in stored) this.supersede(key, stored.value);
    if (property.configurable === false) this.mirror(key);
    return true;
  }

  has(_standIn: object, key: PropertyKey): boolean {
    if (Reflect.has(this.handler, key)) return true;
    this.standIn.drop(key);
    return false;
  }

  deleteProperty(_standIn: object, key: PropertyKey): boolean {
    if (!Reflect.deleteProperty(this.handler, key)) return false;
    this.standIn.drop(key);
    return true;
  }

  ownKeys(): (string | symbol)[] {
    const keys = Reflect.ownKeys(this.handler);
    this.standIn.keepOnly(keys);
    return keys;
  }

  getOwnPropertyDescriptor(_standIn: object, key: PropertyKey): PropertyDescriptor | undefined {
    const property = this.reported(key);
    if (property === undefined) this.standIn.drop(key);
    else if (property.configurable === false) this.standIn.keep(key, property);
    return property;
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.handler);
  }

  setPrototypeOf(_standIn: object, prototype: object | null): boolean {
    return Reflect.setPrototypeOf(this.handler, prototype);
  }

  isExtensible(): boolean {
    if (Reflect.isExtensible(this.handler)) return true;
    this.lock();
    return false;
  }

  preventExtensions(): boolean {
    if (!Reflect.preventExtensions(this.handler)) return false;
    this.lock();
    return true;
  }

  apply(_standIn: object, self: unknown, args: unknown[]): unknown {
    return Reflect.apply(this.handler as Function, this.originalOf(self), args);
  }

  construct(_standIn: object, args: unknown[], newTarget: Function): object {
    const { handler } = this;
    const type = newTarget === this.proxy ? handler : newTarget;
    return Reflect.construct(handler as Function, args, type as Function) as object;
  }
}

/** The measured version of a function. */
function measured(value: Method, { plan, needsCall }: MethodDeclaration): Method {
  const wrapper = measure(value, plan, needsCall);
  // For stack traces. Reading the name of a proxy can throw.
  const name = types.isProxy(value) ? plan.method : value.name;
  Object.defineProperty(wrapper, 'name', { value: name, configurable: true });
  return wrapper;
}
