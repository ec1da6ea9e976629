import { CounterCell, GaugeCell } from '../../metrics/cell';
import type { CallReference } from '../../recording/call-reference';
import { CallsInProgress } from '../../recording/in-flight';

/** A call whose reply is being written. */
export interface RepliedCall {
  readonly name: unknown;
  readonly seqid: unknown;
  /** The queue of the calls whose replies go through the same protocol object. */
  readonly queue: object;
  /** Records that the reply will never be complete. */
  abandon(): void;
}

/**
 * The reply that was started and not flushed yet. A process has at most one, because generated code starts and flushes a
 * reply in one turn of the event loop. If anything else happens in between, writing has failed with an error that only
 * the caller of the callback sees.
 */
export class UnfinishedReply {
  /** The call that is replied to, or null if there is no unfinished reply. */
  call: RepliedCall | null = null;

  /** Abandons the unfinished reply, if there is one. Called where a reply in progress must have failed. */
  settle(): void {
    const { call } = this;
    if (call === null) return;
    this.call = null;
    call.abandon();
  }
}

// A scrape may be the first to notice that a reply has failed, so the cells that depend on it settle it when they are read.

/** Counts failed replies. */
export class FailedReplies extends CounterCell {
  constructor(private readonly unfinished: UnfinishedReply) {
    super();
  }

  override read(): number {
    this.unfinished.settle();
    return this.value;
  }
}

/** Counts messages that are waiting for their replies. */
export class ActiveMessages extends GaugeCell {
  constructor(private readonly unfinished: UnfinishedReply) {
    super();
  }

  override read(): number {
    this.unfinished.settle();
    return this.value;
  }
}

/** The messages that are waiting for their replies. */
export class WaitingMessages extends CallsInProgress {
  override readonly holdsMessages = true;

  constructor(private readonly unfinished: UnfinishedReply) {
    super();
  }

  override oldestSeconds(): number {
    this.unfinished.settle();
    return super.oldestSeconds();
  }

  override each(visit: (age: number, reference: CallReference | null) => void): void {
    this.unfinished.settle();
    super.each(visit);
  }
}
