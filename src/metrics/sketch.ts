/** Maximum relative error of a quantile. */
const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** The resolution of the clock, in seconds. Smaller values count as 0. */
const SMALLEST = 1e-9;

/**
 * Counts values in exponentially growing bins, which gives any quantile within a fixed relative error. The method is
 * DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019).
 */
export class QuantileSketch {
  private readonly bins = new Map<number, number>();
  private zero = 0;
  count = 0;

  /** Restores a sketch from its `zeros` and `entries`. */
  static of(zeros: number, entries: Iterable<readonly [number, number]>): QuantileSketch {
    const sketch = new QuantileSketch();
    sketch.zero = zeros;
    sketch.count = zeros;
    for (const [bin, n] of entries) {
      sketch.bins.set(bin, n);
      sketch.count += n;
    }
    return sketch;
  }

  /** Number of values that are too small to distinguish from 0. */
  get zeros(): number {
    return this.zero;
  }

  /** Each bin with its number of values. */
  entries(): IterableIterator<[number, number]> {
    return this.bins.entries();
  }

  add(value: number): void {
    this.count++;
    if (!(value > SMALLEST)) {
      this.zero++;
      return;
    }
    const bin = Math.ceil(Math.log(value) / LOG_GAMMA);
    this.bins.set(bin, (this.bins.get(bin) ?? 0) + 1);
  }

  merge(other: QuantileSketch): void {
    this.count += other.count;
    this.zero += other.zero;
    for (const [bin, n] of other.bins) this.bins.set(bin, (this.bins.get(bin) ?? 0) + n);
  }

  /** Estimates a quantile. Returns NaN if the sketch is empty. */
  quantile(q: number): number {
    if (this.count === 0) return NaN;
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = this.zero;
    if (seen >= rank) return 0;
    for (const bin of [...this.bins.keys()].toSorted((a, b) => a - b)) {
      seen += this.bins.get(bin) as number;
      // The value that differs from both ends of the bin by the same relative error.
      if (seen >= rank) return (2 * GAMMA ** bin) / (GAMMA + 1);
    }
    return NaN;
  }
}
