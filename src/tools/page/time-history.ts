import { CounterHistory, GaugeHistory, increaseOf, SumHistory } from './sampled-values';
import type { Durations, TimeReading } from './time-reading';
import type { Window } from './timeline';

/** Durations at each sample of a timeline. */
class DurationHistory {
  isMeasured = false;
  private readonly seconds: SumHistory;
  private readonly counts: CounterHistory;

  constructor(capacity: number) {
    this.seconds = new SumHistory(capacity);
    this.counts = new CounterHistory(capacity);
  }

  record(now: Durations, before: Durations, slot: number): void {
    this.isMeasured = now.isMeasured;
    // A histogram is reset as a whole.
    const isReset = now.count < before.count || now.seconds < before.seconds;
    this.seconds.add(isReset ? now.seconds : now.seconds - before.seconds, slot);
    this.counts.add(isReset ? now.count : now.count - before.count, slot);
  }

  countIn({ timeline, from, to }: Window): number {
    return this.counts.between(timeline.slot(from), timeline.slot(to));
  }

  /** The mean in a window, in seconds, or null if the window has none. */
  meanIn(window: Window): number | null {
    const { timeline, from, to } = window;
    const count = this.countIn(window);
    const seconds = this.seconds.between(timeline.slot(from), timeline.slot(to));
    return count === 0 ? null : seconds / count;
  }
}

/** Where the time of the calls of one method went, at each sample of a timeline. */
export class TimeHistory {
  readonly queue: DurationHistory;
  readonly decode: DurationHistory;
  readonly handler: DurationHistory;
  readonly write: DurationHistory;
  /** Whether it is measured for how long calls hold the event loop. */
  isHeldMeasured = false;
  private readonly held: SumHistory;
  private readonly longestBlock: GaugeHistory;

  constructor(capacity: number) {
    this.queue = new DurationHistory(capacity);
    this.decode = new DurationHistory(capacity);
    this.handler = new DurationHistory(capacity);
    this.write = new DurationHistory(capacity);
    this.held = new SumHistory(capacity);
    this.longestBlock = new GaugeHistory(capacity);
  }

  record(now: TimeReading, before: TimeReading, slot: number): void {
    this.queue.record(now.queue, before.queue, slot);
    this.decode.record(now.decode, before.decode, slot);
    this.handler.record(now.handler, before.handler, slot);
    this.write.record(now.write, before.write, slot);
    this.isHeldMeasured = now.held !== null;
    this.held.add(increaseOf(now.held ?? 0, before.held ?? 0), slot);
    this.longestBlock.set(now.longestBlock, slot);
  }

  /** Seconds for which calls held the event loop in a window. */
  heldIn({ timeline, from, to }: Window): number {
    return this.held.between(timeline.slot(from), timeline.slot(to));
  }

  /** The longest block that the samples of a window saw, in seconds. The first of them may see one of the minute before. */
  longestBlockIn({ timeline, from, to }: Window): number {
    let longest = 0;
    for (let sample = from + 1; sample <= to; sample++) {
      longest = Math.max(longest, this.longestBlock.at(timeline.slot(sample)));
    }
    return longest;
  }
}
