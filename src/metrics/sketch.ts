/** Relative error of a quantile: the true value is within 1 % of the one given. */
const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Below a nanosecond the clock cannot tell values apart. */
const SMALLEST = 1e-9;

/**
 * Counts of values in exponentially growing bins, from which any quantile is read within a fixed relative error.
 * The method is DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019).
 */
export class QuantileSketch {
  private readonly bins = new Map<number, number>();
  private zero = 0;
  count = 0;

  /** The sketch that `entries` and `zeros` were read from. */
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

  /** How many values are too small to tell from 0. */
  get zeros(): number {
    return this.zero;
  }

  /** Each bin with how many values are in it. */
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

  /** NaN when nothing was added. */
  quantile(q: number): number {
    if (this.count === 0) return NaN;
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = this.zero;
    if (seen >= rank) return 0;
    for (const bin of [...this.bins.keys()].toSorted((a, b) => a - b)) {
      seen += this.bins.get(bin) as number;
      // The middle of the bin in relative terms: at most RELATIVE_ERROR from either end.
      if (seen >= rank) return (2 * GAMMA ** bin) / (GAMMA + 1);
    }
    return NaN;
  }
}
