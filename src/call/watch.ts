import type { Outcome } from './active-call';
import { keepSettlement, Settlement, settlementOf } from './settlement';
import { isPromise } from './thenable';

/**
 * Tells `outcome` how a thenable ends and returns what the caller is to get in its place.
 *
 * - Of a promise, the caller gets a derived one. Watching the promise itself would mark a rejection as handled
 *   that nobody handles. What is derived is the same each time the same promise is returned, so callers that share a
 *   memoized promise go on sharing one.
 * - Any other thenable stays the same object. Calling its `then` could start what it stands for (a lazy query), so its
 *   `then` is observed instead, and the caller's own call of it is what is watched.
 */
export function watch(result: PromiseLike<unknown> & object, outcome: Outcome): unknown {
  const shared = settlementOf(result);
  if (shared !== undefined) {
    shared.add(outcome);
    return shared.returned;
  }
  const settlement = new Settlement(outcome);
  keepSettlement(result, settlement);
  settlement.returned = result;
  try {
    if (isPromise(result)) settlement.returned = derive(result, settlement);
    else observeThen(result, settlement);
  } catch (error) {
    // A proxy of a promise is no receiver for the promise's `then`: whoever awaits it meets the same error.
    settlement.fail(error);
  }
  return settlement.returned;
}

function derive(promise: Promise<unknown>, settlement: Settlement): unknown {
  const derived = promise.then(
    (value) => {
      settlement.succeed(value);
      return value;
    },
    (error: unknown) => {
      settlement.fail(error);
      throw error;
    },
  );
  try {
    // A promise that carries something of its own (`cancel`, a child process) goes on carrying it.
    for (const key of Reflect.ownKeys(promise)) {
      const own = Reflect.getOwnPropertyDescriptor(promise, key) as PropertyDescriptor;
      Reflect.defineProperty(derived, key, own);
    }
  } catch {
    // A proxy that does not show what it carries.
  }
  return derived;
}

type Reaction = ((value: unknown) => unknown) | null | undefined;

function observeThen(thenable: PromiseLike<unknown> & object, settlement: Settlement): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the receiver of each call below
  const original = thenable.then;
  const own = Reflect.getOwnPropertyDescriptor(thenable, 'then');
  const observed = Reflect.defineProperty(thenable, 'then', {
    configurable: true,
    enumerable: own?.enumerable ?? false,
    writable: true,
    value: function then(this: PromiseLike<unknown>, onFulfilled: Reaction, onRejected: Reaction) {
      // Promises/A+ 2.2.7.3 and 2.2.7.4: a reaction that is not given passes the value or the error on.
      return original.call(
        this,
        (value) => {
          settlement.succeed(value);
          return typeof onFulfilled === 'function' ? onFulfilled(value) : value;
        },
        (error) => {
          settlement.fail(error);
          if (typeof onRejected === 'function') return onRejected(error);
          throw error;
        },
      );
    },
  });
  if (observed) return;
  // A frozen thenable can only be watched by a reaction of our own.
  try {
    original.call(
      thenable,
      (value) => settlement.succeed(value),
      (error) => settlement.fail(error),
    );
  } catch (error) {
    settlement.fail(error);
  }
}
