import type { LongestBlockCell, LoopTimeCell } from '../metrics/loop-cells';

/** The event loop of this thread, as far as measured calls hold it. */
export class EventLoop {
  /** Nanoseconds that have been recorded for any method. */
  spent = 0;
}

/**
 * Records the synchronous part of the calls of one method: from the call of the handler until it returns or throws. A
 * measured call inside another one counts for itself and not for the outer one, so the sum over all methods never exceeds
 * the time that has passed.
 */
export class LoopTime {
  constructor(
    readonly eventLoop: EventLoop,
    private readonly total: LoopTimeCell,
    private readonly longest: LongestBlockCell,
  ) {}

  /**
   * @param nanoseconds from the call of the handler until it returned
   * @param at when it returned, in seconds of the monotonic clock
   * @param spent what `eventLoop.spent` was at the start. It has grown by what the calls inside this one took.
   */
  record(nanoseconds: number, at: number, spent: number): void {
    const { eventLoop } = this;
    const own = nanoseconds - (eventLoop.spent - spent);
    // Negative if the metric was excluded when the call began and no longer is, because `spent` is 0 then.
    if (own <= 0) return;
    eventLoop.spent += own;
    this.total.nanoseconds += own;
    this.longest.note(own, at);
  }
}
