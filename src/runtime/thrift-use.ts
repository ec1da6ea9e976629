import { definePart } from './runtime';

/**
 * Whether this process uses Thrift: whether it has created a server or a client, or a processor for a server, or has
 * instrumented one of them. A preloaded package also runs in `npm`, in compilers and in process managers, which do not.
 */
class ThriftUse {
  private isNoted = false;
  private readonly waiting: (() => void)[] = [];

  note(): void {
    if (this.isNoted) return;
    this.isNoted = true;
    for (const listener of this.waiting.splice(0)) listener();
  }

  /** Calls the listener at the first use, or immediately if there was one. */
  whenUsed(listener: () => void): void {
    if (this.isNoted) listener();
    else this.waiting.push(listener);
  }
}

export const thriftUseOf = definePart('runtime.thriftUse', () => new ThriftUse());
