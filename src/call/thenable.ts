import { types } from 'node:util';

/** A native promise of this realm or another (Jest runs tests in a realm of their own). */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value);
}

/** Anything with a `then`. One that cannot be read counts as none: the caller is to meet that fault, not we. */
export function isThenable(value: unknown): value is PromiseLike<unknown> & object {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}
