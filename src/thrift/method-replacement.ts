import type { Method } from '../recording/wrap';

// Protocol objects are not replaced this way: there are new ones for every packet, so their observers assign instead.

/** Gives a function the name and length of the function that it replaces. */
export function copySignature(original: Function, replacement: Function): void {
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
}

/** The flags of a method in a class. */
const METHOD_FLAGS = { writable: true, enumerable: false, configurable: true } as const;

/** Defines a method on an object, with the name and length of the one that it replaces there or hides on the prototype. */
export function replaceMethod(
  target: object,
  key: string,
  original: Function,
  replacement: Method,
  flags: PropertyDescriptor = METHOD_FLAGS,
): void {
  copySignature(original, replacement);
  Object.defineProperty(target, key, { ...flags, value: replacement });
}

/** Wraps a method that an object has itself, and keeps the flags of its property. Does nothing if it is not a function. */
export function wrapOwnMethod(
  target: object,
  key: string,
  wrap: (original: Method) => Method,
): void {
  const property = Reflect.getOwnPropertyDescriptor(target, key);
  const original: unknown = property?.value;
  if (property === undefined || typeof original !== 'function') return;
  replaceMethod(target, key, original, wrap(original as Method), property);
}

/**
 * Replaces a method until the returned function is called. A function that someone else has put there in the meantime
 * stays. A read-only method is not replaced.
 */
export function replaceTemporarily(target: object, key: string, replacement: Method): () => void {
  const original: unknown = Reflect.get(target, key);
  Reflect.set(target, key, replacement);
  return () => {
    if (Reflect.get(target, key) === replacement) Reflect.set(target, key, original);
  };
}
