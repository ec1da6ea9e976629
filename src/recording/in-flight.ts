import { isUntimed, now, secondsSince, UNTIMED } from '../metrics/clock';
import type { AgeSource } from '../metrics/cell';

/** A call that waits for its end: its own place in the list, so that entering and leaving are a few writes. */
export class CallInProgress {
  /** Null while it is in no list. */
  before: CallInProgress | null = null;
  after: CallInProgress | null = null;

  constructor(
    /** When it began; UNTIMED where nobody has asked the clock. */
    public since: [number, number],
  ) {}

  leaveList(): void {
    const { before, after } = this;
    if (before === null || after === null) return;
    before.after = after;
    after.before = before;
    this.before = null;
    this.after = null;
  }
}

/** The calls of one method that wait for their end, in the order in which they began to. */
export class CallsInProgress implements AgeSource {
  private ends = emptyRing();

  enter(call: CallInProgress): void {
    if (isUntimed(call.since)) call.since = now();
    const { ends } = this;
    const last = ends.before as CallInProgress;
    call.before = last;
    call.after = ends;
    last.after = call;
    ends.before = call;
  }

  /** The first, and with it the oldest. */
  oldest(): CallInProgress | null {
    const first = this.ends.after;
    return first === this.ends ? null : first;
  }

  oldestSeconds(): number {
    const oldest = this.oldest();
    return oldest === null ? 0 : secondsSince(oldest.since);
  }

  clear(): void {
    // Calls that leave later write to the ends they know, which nobody reads any more.
    this.ends = emptyRing();
  }
}

/** A list without calls: its ends are their own neighbours. */
function emptyRing(): CallInProgress {
  const ends = new CallInProgress(UNTIMED);
  ends.before = ends;
  ends.after = ends;
  return ends;
}
