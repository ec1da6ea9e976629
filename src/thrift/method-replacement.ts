import type { Method } from '../recording/wrap';

/** Gives a function the name and the length of the one whose place it takes. */
export function copySignature(original: Function, replacement: Function): void {
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
}

/** Gives an object a function of its own in place of one that it has, with that one's length and name. */
export function defineFunction(
  holder: object,
  key: string,
  original: Method,
  replacement: Method,
): void {
  copySignature(original, replacement);
  Object.defineProperty(holder, key, {
    value: replacement,
    enumerable: false,
    configurable: true,
    writable: true,
  });
}
