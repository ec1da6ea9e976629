import type { Outcome } from './call';
import type { PublishedCall } from './call-channel';

type Callback = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Creates the callback that the handler gets instead of the caller's. It reports the end of the call to `outcome` and passes
 * everything on. It is a proxy, so that it has the callback's length, name and properties (60 ns more than a closure
 * without them). As in Thrift's generated code, an error of null or undefined means success.
 */
export function observeCallback(
  callback: Callback,
  outcome: Outcome,
  published: PublishedCall | null = null,
): Callback {
  return new Proxy(callback, new CallbackObserver(outcome, published));
}

class CallbackObserver implements ProxyHandler<Callback> {
  constructor(
    private readonly outcome: Outcome,
    private readonly published: PublishedCall | null,
  ) {}

  apply(callback: Callback, self: unknown, args: unknown[]): unknown {
    const { published } = this;
    if (published !== null) {
      return published.callBack(
        () => this.settle(args),
        (): unknown => Reflect.apply(callback, self, args),
      );
    }
    this.settle(args);
    return Reflect.apply(callback, self, args);
  }

  private settle([error, result]: unknown[]): void {
    if (error === null || error === undefined) this.outcome.succeed(result);
    else this.outcome.fail(error);
  }
}
