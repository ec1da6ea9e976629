import type { Method } from '../call/wrap';

/** Gives an object a function of its own in place of one that it has, with that one's length and name. */
export function defineFunction(
  holder: object,
  key: string,
  original: Method,
  replacement: Method,
): void {
  for (const name of ['length', 'name'] as const) {
    Object.defineProperty(replacement, name, { value: original[name], configurable: true });
  }
  Object.defineProperty(holder, key, {
    value: replacement,
    enumerable: false,
    configurable: true,
    writable: true,
  });
}
