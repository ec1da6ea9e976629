/** The course of one counter over the samples that are held. */
export class CounterHistory {
  /** What was counted since the first sample; it only grows. */
  total = 0;
  /** The total at each sample, modulo 2^32. Made when there is something to hold: most counters never move. */
  private totals: Uint32Array | null = null;

  constructor(private readonly capacity: number) {}

  add(increase: number, slot: number): void {
    this.total += increase;
    if (this.total === 0) return;
    this.totals ??= new Uint32Array(this.capacity);
    this.totals[slot] = this.total;
  }

  /** What was counted from one sample to another. */
  between(from: number, to: number): number {
    if (this.totals === null) return 0;
    // The difference is right although both have lost what is above 2^32.
    return ((this.totals[to] as number) - (this.totals[from] as number)) >>> 0;
  }
}

/** By how much a counter grew. One that fell was set to 0 in between, as Prometheus' `rate` takes it. */
export function increaseOf(now: number, before: number): number {
  return now >= before ? now - before : now;
}
