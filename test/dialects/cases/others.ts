import 'reflect-metadata';

import { untyped } from './kit.js';

type Method = (...args: never[]) => unknown;
type KeyOrContext = string | symbol | { readonly name: string | symbol };

/**
 * A decorator as other libraries write it, with one source for both dialects. It passes the method or the class, as it is
 * when the decorator runs, to `look`.
 */
export function capture(look: (value: unknown) => void) {
  return (target: unknown, _keyOrContext?: unknown, descriptor?: { value?: unknown }): void => {
    look(descriptor === undefined ? target : descriptor.value);
  };
}

/** Sets metadata on the function itself, as NestJS does, whatever decorators have run before. */
export function tagged(key: string, value: unknown) {
  return (target: unknown, _keyOrContext: KeyOrContext, descriptor?: { value?: unknown }): void => {
    Reflect.defineMetadata(key, value, (descriptor?.value ?? target) as object);
  };
}

/** A decorator that wraps the method in another function. */
export const doubled = untyped(
  (target: unknown, _keyOrContext: KeyOrContext, descriptor?: { value?: unknown }) => {
    const method = (descriptor?.value ?? target) as Method;
    const around = function (this: unknown, ...args: never[]) {
      return Number(method.apply(this, args)) * 2;
    };
    return descriptor === undefined ? around : { ...descriptor, value: around };
  },
);

/** A decorator that caches the result, so that not every call reaches the method. */
export const cached = untyped(
  (target: unknown, _keyOrContext: KeyOrContext, descriptor?: { value?: unknown }) => {
    const method = (descriptor?.value ?? target) as Method;
    let answer: { value: unknown } | undefined;
    const around = function (this: unknown, ...args: never[]) {
      answer ??= { value: method.apply(this, args) };
      return answer.value;
    };
    return descriptor === undefined ? around : { ...descriptor, value: around };
  },
);
