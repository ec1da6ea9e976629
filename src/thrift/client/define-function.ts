import type { Method } from '../../call/wrap';
import { copySignature } from '../copy-signature';

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
