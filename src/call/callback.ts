import type { Outcome } from './active-call';

type Callback = (this: unknown, ...args: unknown[]) => unknown;

/**
 * The callback that the handler gets in place of the caller's: it tells `outcome` and passes everything on. Error-first
 * as Thrift's generated code reads it: only null and undefined are success.
 */
export function observeCallback(callback: Callback, outcome: Outcome): Callback {
  if (callback.length !== 2) {
    // A proxy looks like the callback in every respect, at the price of a slower call.
    return new Proxy(callback, {
      apply(target, self, args: unknown[]) {
        tell(outcome, args[0], args[1]);
        return Reflect.apply(target, self, args);
      },
    });
  }
  // Thrift's generated callbacks are anonymous and have two parameters.
  return function (error, result) {
    tell(outcome, error, result);
    return Reflect.apply(callback, this, arguments);
  };
}

function tell(outcome: Outcome, error: unknown, result: unknown): void {
  if (error === null || error === undefined) outcome.succeed(result);
  else outcome.fail(error);
}
