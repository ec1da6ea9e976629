import { CounterCell, GaugeCell } from './cell';
import { now } from './clock';

/** The time for which the calls of a method have held the event loop, in whole nanoseconds, whose sums are exact. */
export class LoopTimeCell extends CounterCell {
  // Not `value`: one fraction in it would make V8 store the counts of all counters as floating point numbers.
  nanoseconds = 0;

  override read(): number {
    return this.nanoseconds / 1e9;
  }

  override reset(): void {
    super.reset();
    this.nanoseconds = 0;
  }
}

/** Seconds that share one maximum. */
const SLOT_SECONDS = 15;

/** With the one that is still being filled, the slots cover 60 to 75 seconds. */
const SLOTS = 5;

const NO_SLOT = -1;

/**
 * The longest time for which one call has held the event loop in the last minute. Reading it does not change it, so any
 * number of scrapers see the same value. A scraper that reads it at least once a minute misses no block.
 */
export class LongestBlockCell extends GaugeCell {
  /** The longest in the slot that is being filled, in nanoseconds. */
  private latest = 0;
  /** The end of that slot, in seconds of the monotonic clock. */
  private until = 0;
  private readonly longest: number[] = Array.from({ length: SLOTS }, () => 0);
  /** The number of the slot that each maximum belongs to. */
  private readonly slots: number[] = Array.from({ length: SLOTS }, () => NO_SLOT);

  /** @param at when the call returned, in seconds of the monotonic clock */
  note(nanoseconds: number, at: number): void {
    if (nanoseconds > this.latest || at >= this.until) this.keep(nanoseconds, at);
  }

  override read(): number {
    const oldest = slotAt(now()[0]) - SLOTS + 1;
    let found = 0;
    for (let i = 0; i < SLOTS; i++) {
      if ((this.slots[i] as number) >= oldest) found = Math.max(found, this.longest[i] as number);
    }
    return found / 1e9;
  }

  override reset(): void {
    super.reset();
    this.latest = 0;
    this.until = 0;
    this.longest.fill(0);
    this.slots.fill(NO_SLOT);
  }

  private keep(nanoseconds: number, at: number): void {
    const slot = slotAt(at);
    const i = slot % SLOTS;
    if (this.slots[i] !== slot) {
      this.slots[i] = slot;
      this.longest[i] = 0;
    }
    this.latest = Math.max(this.longest[i] as number, nanoseconds);
    this.longest[i] = this.latest;
    this.until = (slot + 1) * SLOT_SECONDS;
  }
}

function slotAt(seconds: number): number {
  return Math.floor(seconds / SLOT_SECONDS);
}
