import { CounterCell, GaugeCell } from '../../metrics/cell';
import { CallsInProgress } from '../../recording/in-flight';

/** A call whose reply was begun. */
export interface BegunCall {
  readonly name: unknown;
  readonly seqid: unknown;
  /** The queue of calls that wait for replies through the same protocol object. */
  readonly queue: object;
  /** Records that the reply will never be complete. */
  abandon(): void;
}

/**
 * The call whose reply was begun and not flushed. A process has at most one: generated code begins and flushes in one turn
 * of the event loop. So when anything else happens, writing has failed, and the error went to whoever called the callback,
 * where this package cannot see it.
 */
export class BegunReply {
  call: BegunCall | null = null;

  /** Abandons a reply that is still begun. Called wherever it must have failed. */
  settle(): void {
    const { call } = this;
    if (call === null) return;
    this.call = null;
    call.abandon();
  }
}

// A scrape may be the first to notice that a begun reply has failed, so cells that depend on it settle it when read.

/** Counts replies that failed. */
export class FailedReplies extends CounterCell {
  constructor(private readonly begun: BegunReply) {
    super();
  }

  override read(): number {
    this.begun.settle();
    return this.value;
  }
}

/** Counts messages that wait for their replies. */
export class ActiveMessages extends GaugeCell {
  constructor(private readonly begun: BegunReply) {
    super();
  }

  override read(): number {
    this.begun.settle();
    return this.value;
  }
}

/** The messages that wait for their replies. */
export class WaitingMessages extends CallsInProgress {
  constructor(private readonly begun: BegunReply) {
    super();
  }

  override oldestSeconds(): number {
    this.begun.settle();
    return super.oldestSeconds();
  }
}
