import type { Outcome } from './call';

type Callback = (this: unknown, ...args: unknown[]) => unknown;

/**
 * The callback that the handler gets in place of the caller's: it tells `outcome` and passes everything on. A proxy, so
 * that it has the callback's length, name and properties (60 ns more than a closure that has not). Error-first as Thrift's
 * generated code reads it: only null and undefined are success.
 */
export function observeCallback(callback: Callback, outcome: Outcome): Callback {
  return new Proxy(callback, new CallbackObserver(outcome));
}

class CallbackObserver implements ProxyHandler<Callback> {
  constructor(private readonly outcome: Outcome) {}

  apply(callback: Callback, self: unknown, args: unknown[]): unknown {
    const [error, result] = args;
    if (error === null || error === undefined) this.outcome.succeed(result);
    else this.outcome.fail(error);
    return Reflect.apply(callback, self, args);
  }
}
