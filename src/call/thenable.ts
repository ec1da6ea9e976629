import { types } from 'node:util';

/** Anything with a `then`. One that cannot be read counts as none: the caller is to meet that fault, not we. */
export function isThenable(value: unknown): value is PromiseLike<unknown> & object {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}

/**
 * Whether a thenable is a promise: something that is under way already, so that to ask for its end starts nothing. Native
 * ones of this realm or another (Jest runs tests in a realm of their own), those of a replaced global, and those of Q and
 * Bluebird, which know their state. Their libraries take up their own promises without calling `then`.
 */
export function isPromise(value: PromiseLike<unknown> & object): value is Promise<unknown> {
  if (types.isPromise(value)) return true;
  try {
    return (
      value instanceof Promise || typeof (value as { isPending?: unknown }).isPending === 'function'
    );
  } catch {
    return false;
  }
}
