import { now, secondsSince, UNTIMED } from '../clock';
import type { AgeSource } from '../metrics/age-cell';

/** A call that waits for its end: its own place in the list, so that entering and leaving are a few writes. */
export class ListedCall {
  before: ListedCall = this;
  after: ListedCall = this;

  constructor(
    /** When it began; UNTIMED where nobody has asked the clock. */
    public since: [number, number],
  ) {}

  leaveList(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }
}

/** The calls of one method that wait for their end, in the order in which they began to. */
export class ActiveCalls implements AgeSource {
  private ends = new ListedCall(UNTIMED);

  enter(call: ListedCall): void {
    if (call.since === UNTIMED) call.since = now();
    const { ends } = this;
    call.before = ends.before;
    call.after = ends;
    ends.before.after = call;
    ends.before = call;
  }

  /** The first, and with it the oldest. */
  oldest(): ListedCall | null {
    const first = this.ends.after;
    return first === this.ends ? null : first;
  }

  oldestSeconds(): number {
    const oldest = this.oldest();
    return oldest === null ? 0 : secondsSince(oldest.since);
  }

  clear(): void {
    // Calls that leave later write to the ends they know, which nobody reads any more.
    this.ends = new ListedCall(UNTIMED);
  }
}
