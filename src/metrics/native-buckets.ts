/** Values up to this count as zero, as in the Go client of Prometheus. */
export const ZERO_THRESHOLD = 2 ** -128;

/** The finest and the coarsest schema of the native histogram format. */
export const MAX_RESOLUTION = 8;
export const MIN_RESOLUTION = -4;

/**
 * Exponential buckets: each factor of two has 2^schema of them, bucket i holding values above base^(i-1) and up to
 * base^i, with base = 2^(2^-schema). Only buckets with something in them count towards the maximum; past it, two and two
 * become one and the resolution is halved.
 * https://prometheus.io/docs/specs/native_histograms/
 */
export class NativeBuckets {
  schema: number;
  zeros = 0;
  /** Index of the first entry of `counts`. */
  first = 0;
  counts: number[] = [];
  private used = 0;
  private scale: number;

  constructor(
    private readonly resolution: number,
    private readonly maxBuckets: number,
  ) {
    this.schema = resolution;
    this.scale = 2 ** resolution;
  }

  add(value: number): void {
    if (!(value > ZERO_THRESHOLD)) {
      // NaN is counted in no bucket.
      if (value <= ZERO_THRESHOLD) this.zeros++;
      return;
    }
    const index = Math.ceil(Math.log2(value) * this.scale);
    const at = (index === Infinity ? this.infinityIndex() : index) - this.first;
    const { counts } = this;
    if (at >= 0 && at < counts.length) {
      const count = counts[at] as number;
      counts[at] = count + 1;
      if (count !== 0) return;
    } else this.makeRoom(at);
    this.used++;
    while (this.schema > MIN_RESOLUTION && this.tooMany()) this.halve();
  }

  reset(): void {
    this.schema = this.resolution;
    this.scale = 2 ** this.resolution;
    this.zeros = 0;
    this.first = 0;
    this.counts = [];
    this.used = 0;
  }

  /** The bucket after that of the largest finite value. */
  private infinityIndex(): number {
    return Math.ceil(1024 * this.scale) + 1;
  }

  private tooMany(): boolean {
    // The second bound keeps one outlier from making a long array of zeros.
    return this.used > this.maxBuckets || this.counts.length > this.maxBuckets * 16;
  }

  private makeRoom(at: number): void {
    const { counts } = this;
    if (counts.length === 0) {
      this.first += at;
      counts.push(1);
    } else if (at < 0) {
      this.counts = [1, ...Array.from({ length: -at - 1 }, () => 0), ...counts];
      this.first += at;
    } else {
      while (counts.length < at) counts.push(0);
      counts.push(1);
    }
  }

  private halve(): void {
    const { counts, first } = this;
    const merged: number[] = [];
    const newFirst = Math.ceil(first / 2);
    counts.forEach((count, i) => {
      const at = Math.ceil((first + i) / 2) - newFirst;
      merged[at] = (merged[at] ?? 0) + count;
    });
    this.counts = merged;
    this.first = newFirst;
    this.schema--;
    this.scale /= 2;
    this.used = merged.reduce((used, count) => (count === 0 ? used : used + 1), 0);
  }
}
