import type { AgeSource } from '../metrics/cell';
import { isUntimed, now, inSeconds } from '../metrics/clock';
import type { CallReference } from './call-reference';

const FEWEST_SLOTS = 8;

/**
 * The calls of one method that are in progress, as far as their age goes. Each call has a slot with the time at which it
 * began. Slots are numbers in typed arrays, because a list of objects costs every call several write barriers (20 ns).
 */
export class CallsInProgress implements AgeSource {
  /** Whether these are messages that wait for their replies, and not calls of handlers. */
  readonly holdsMessages: boolean = false;
  /** Seconds of the monotonic clock at which the call in each slot began; Infinity where there is none. */
  private starts = new Float64Array(0);
  /** For each free slot, the next free one. */
  private nextFree = new Int32Array(0);
  private firstFree = 0;
  /** What is known about the call in each slot. Null until a call is known, so that other programs do not write here. */
  private references: (CallReference | null)[] | null = null;

  /** @returns the slot of the call, to be passed to `leave` */
  enter(start: [number, number], reference: CallReference | null = null): number {
    const slot = this.firstFree;
    if (slot === this.starts.length) this.grow();
    const seconds = inSeconds(isUntimed(start) ? now() : start);
    // The slot is taken only after this line, because the stack can overflow at each call up to here.
    if (reference !== null) this.references ??= Array.from(this.starts, () => null);
    this.firstFree = this.nextFree[slot] as number;
    this.starts[slot] = seconds;
    if (reference !== null) (this.references as (CallReference | null)[])[slot] = reference;
    return slot;
  }

  /** @returns what is known about the call, or null */
  leave(slot: number): CallReference | null {
    this.starts[slot] = Infinity;
    this.nextFree[slot] = this.firstFree;
    this.firstFree = slot;
    const { references } = this;
    if (references === null) return null;
    const reference = references[slot] as CallReference | null;
    references[slot] = null;
    return reference;
  }

  /** Passes the age in seconds of each call in progress, and what is known about it. */
  each(visit: (age: number, reference: CallReference | null) => void): void {
    const time = inSeconds(now());
    for (let slot = 0; slot < this.starts.length; slot++) {
      const start = this.starts[slot] as number;
      if (start !== Infinity) visit(time - start, this.references?.[slot] ?? null);
    }
  }

  oldestSeconds(): number {
    let oldest = Infinity;
    for (const start of this.starts) if (start < oldest) oldest = start;
    if (oldest === Infinity) return 0;
    return inSeconds(now()) - oldest;
  }

  /** Forgets the calls in progress. They keep their slots until they leave. */
  clear(): void {
    this.starts.fill(Infinity);
    this.references?.fill(null);
  }

  private grow(): void {
    const { length } = this.starts;
    const capacity = Math.max(FEWEST_SLOTS, 2 * length);
    const starts = new Float64Array(capacity).fill(Infinity);
    const nextFree = Int32Array.from({ length: capacity }, (_, slot) => slot + 1);
    starts.set(this.starts);
    nextFree.set(this.nextFree);
    // Filled, because an array with holes is slower.
    if (this.references !== null)
      for (let i = length; i < capacity; i++) this.references.push(null);
    this.starts = starts;
    this.nextFree = nextFree;
  }
}
