import 'reflect-metadata';

import { untyped } from './kit.js';

type Method = (...args: never[]) => unknown;
type Where = string | symbol | { readonly name: string | symbol };

/**
 * Decorators as other libraries write them, one source for both standards: `value` is the method or the class as it
 * stands when the decorator runs.
 */
export function capture(look: (value: unknown) => void) {
  return (target: unknown, _where?: unknown, descriptor?: { value?: unknown }): void => {
    look(descriptor === undefined ? target : descriptor.value);
  };
}

/** As NestJS does: metadata on the function itself, wherever the stack stands by then. */
export function tagged(key: string, value: unknown) {
  return (target: unknown, _where: Where, descriptor?: { value?: unknown }): void => {
    Reflect.defineMetadata(key, value, (descriptor?.value ?? target) as object);
  };
}

/** A decorator that puts a function of its own around the method. */
export const doubled = untyped(
  (target: unknown, _where: Where, descriptor?: { value?: unknown }) => {
    const method = (descriptor?.value ?? target) as Method;
    const around = function (this: unknown, ...args: never[]) {
      return Number(method.apply(this, args)) * 2;
    };
    return descriptor === undefined ? around : { ...descriptor, value: around };
  },
);

/** A decorator that answers from what it remembers, so that not every call gets to the method. */
export const cached = untyped(
  (target: unknown, _where: Where, descriptor?: { value?: unknown }) => {
    const method = (descriptor?.value ?? target) as Method;
    let answer: { value: unknown } | undefined;
    const around = function (this: unknown, ...args: never[]) {
      answer ??= { value: method.apply(this, args) };
      return answer.value;
    };
    return descriptor === undefined ? around : { ...descriptor, value: around };
  },
);
