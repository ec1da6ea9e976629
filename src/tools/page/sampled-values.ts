/** A counter at each sample of a timeline. */
export class CounterHistory {
  /** Sum of all increases. */
  total = 0;
  /** The total at each sample, modulo 2^32. Null until the first increase, because most counters never change. */
  private totals: Uint32Array | null = null;

  constructor(private readonly capacity: number) {}

  add(increase: number, slot: number): void {
    this.total += increase;
    if (this.total === 0) return;
    this.totals ??= new Uint32Array(this.capacity);
    this.totals[slot] = this.total;
  }

  /** The increase between the samples in two slots. */
  between(from: number, to: number): number {
    if (this.totals === null) return 0;
    // Correct even if the totals overflow 32 bits, because both are taken modulo 2^32.
    return ((this.totals[to] as number) - (this.totals[from] as number)) >>> 0;
  }
}

/** A counter of fractions, such as seconds, at each sample of a timeline. */
export class SumHistory {
  private total = 0;
  /** The total at each sample. Null until the first increase, because most counters never change. */
  private totals: Float64Array | null = null;

  constructor(private readonly capacity: number) {}

  add(increase: number, slot: number): void {
    this.total += increase;
    if (this.total === 0) return;
    this.totals ??= new Float64Array(this.capacity);
    this.totals[slot] = this.total;
  }

  /** The increase between the samples in two slots. */
  between(from: number, to: number): number {
    if (this.totals === null) return 0;
    return (this.totals[to] as number) - (this.totals[from] as number);
  }
}

/** The increase of a counter. One that fell was reset to 0 in between, as in Prometheus's `rate`. */
export function increaseOf(now: number, before: number): number {
  return now >= before ? now - before : now;
}

/** A gauge at each sample of a timeline. */
export class GaugeHistory {
  /** Null until the first value other than 0, because most gauges stay at 0. */
  private values: Float64Array | null = null;

  constructor(private readonly capacity: number) {}

  set(value: number, slot: number): void {
    if (value === 0 && this.values === null) return;
    this.values ??= new Float64Array(this.capacity);
    this.values[slot] = value;
  }

  at(slot: number): number {
    return this.values?.[slot] ?? 0;
  }
}
