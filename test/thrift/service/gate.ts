import { EventEmitter, once } from 'node:events';

/** Holds handlers until a test releases them, one by one. */
export class Gate<T> {
  private readonly waiting: { key: T; pass: () => void }[] = [];
  private readonly arrivals = new EventEmitter();

  wait(key: T): Promise<void> {
    return new Promise((pass) => {
      this.waiting.push({ key, pass });
      this.arrivals.emit('arrival');
    });
  }

  /** Resolves when `count` handlers are waiting. */
  async filled(count: number): Promise<void> {
    while (this.waiting.length < count) await once(this.arrivals, 'arrival');
  }

  open(key: T): void {
    const index = this.waiting.findIndex((each) => each.key === key);
    this.waiting.splice(index, 1)[0]!.pass();
  }
}
