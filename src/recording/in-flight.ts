import type { AgeSource } from '../metrics/cell';
import { isUntimed, now } from '../metrics/clock';

const FEWEST_SLOTS = 8;

/**
 * The calls of one method that are in progress, as far as their age goes. Each call has a slot with the time at which it
 * began. Slots are numbers in typed arrays, because a list of objects costs every call several write barriers (20 ns).
 */
export class CallsInProgress implements AgeSource {
  /** Seconds of the monotonic clock at which the call in each slot began; Infinity where there is none. */
  private starts = new Float64Array(0);
  /** For each free slot, the next free one. */
  private nextFree = new Int32Array(0);
  private firstFree = 0;

  /** @returns the slot of the call, to be passed to `leave` */
  enter(start: [number, number]): number {
    const slot = this.firstFree;
    if (slot === this.starts.length) this.grow();
    const [seconds, nanoseconds] = isUntimed(start) ? now() : start;
    this.firstFree = this.nextFree[slot] as number;
    this.starts[slot] = seconds + nanoseconds / 1e9;
    return slot;
  }

  leave(slot: number): void {
    this.starts[slot] = Infinity;
    this.nextFree[slot] = this.firstFree;
    this.firstFree = slot;
  }

  oldestSeconds(): number {
    let oldest = Infinity;
    for (const start of this.starts) if (start < oldest) oldest = start;
    if (oldest === Infinity) return 0;
    const [seconds, nanoseconds] = now();
    return seconds + nanoseconds / 1e9 - oldest;
  }

  /** Forgets the calls in progress. They keep their slots until they leave. */
  clear(): void {
    this.starts.fill(Infinity);
  }

  private grow(): void {
    const { length } = this.starts;
    const capacity = Math.max(FEWEST_SLOTS, 2 * length);
    const starts = new Float64Array(capacity).fill(Infinity);
    const nextFree = Int32Array.from({ length: capacity }, (_, slot) => slot + 1);
    starts.set(this.starts);
    nextFree.set(this.nextFree);
    this.starts = starts;
    this.nextFree = nextFree;
  }
}
