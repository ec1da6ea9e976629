import { types } from 'node:util';

import { isConstructible, type Method } from '../recording/wrap';
import { copyMetadata } from './metadata';

/** Where the calls of a function of a facade go. */
export interface Destination {
  /** What the caller has as its handler. */
  readonly facade: object;
  /** The receiver of methods that are called on the facade. */
  readonly handler: object;
  /** What is called: the function, or its measured version. */
  target: Method;
}

/** The properties that every function has. */
const USUAL: ReadonlySet<PropertyKey> = new Set([
  'length',
  'name',
  'prototype',
  'arguments',
  'caller',
]);

/**
 * Creates the function that a facade answers in place of a function of its handler. Called on the facade, it calls the
 * target on the handler; any other receiver is passed on. A method that returns the handler, such as one for chaining,
 * returns the facade. Length, name, properties and metadata are those of the function.
 */
export function forward(method: Method, destination: Destination): Method {
  const forwarded = hasUnusualProperties(method)
    ? new Proxy(method, new LiveForward(destination))
    : isConstructible(method)
      ? forwardConstructible(method, destination)
      : forwardCall(destination);
  if (!types.isProxy(forwarded)) {
    for (const key of Reflect.ownKeys(method)) {
      const property = Reflect.getOwnPropertyDescriptor(method, key) as PropertyDescriptor;
      Reflect.defineProperty(forwarded, key, property);
    }
    Object.setPrototypeOf(forwarded, Object.getPrototypeOf(method) as object | null);
  }
  copyMetadata(method, forwarded);
  return forwarded;
}

/** The properties of spies and stubs change while they are used, so these functions get a proxy (60 ns more per call). */
function hasUnusualProperties(method: Method): boolean {
  return types.isProxy(method) || Reflect.ownKeys(method).some((key) => !USUAL.has(key));
}

// The literals below follow the rules of recording/wrap.ts, so that V8 passes `arguments` on without creating an object.

function forwardCall(destination: Destination): Method {
  const { facade, handler } = destination;
  const forwarder: { forwarded: Method } = {
    forwarded() {
      const self: unknown = this === facade ? handler : this;
      const result: unknown = Reflect.apply(destination.target, self, arguments);
      return result === handler ? facade : result;
    },
  };
  return forwarder.forwarded;
}

function forwardConstructible(method: Method, destination: Destination): Method {
  const { facade, handler } = destination;
  return function forwarded(): unknown {
    if (new.target !== undefined) {
      return Reflect.construct(method, arguments, new.target === forwarded ? method : new.target);
    }
    const self: unknown = this === facade ? handler : this;
    const result: unknown = Reflect.apply(destination.target, self, arguments);
    return result === handler ? facade : result;
  };
}

/** Forwards calls to a function whose properties are read when they are needed. */
class LiveForward implements ProxyHandler<Method> {
  constructor(private readonly destination: Destination) {}

  apply(_method: Method, self: unknown, args: unknown[]): unknown {
    const { facade, handler, target } = this.destination;
    const result: unknown = Reflect.apply(target, self === facade ? handler : self, args);
    return result === handler ? facade : result;
  }
}
