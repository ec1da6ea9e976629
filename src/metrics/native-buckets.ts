/** Values up to this threshold count as zero, as in the Go client of Prometheus. */
export const ZERO_THRESHOLD = 2 ** -128;

/** The finest and the coarsest schema of the native histogram format. */
export const MAX_RESOLUTION = 8;
export const MIN_RESOLUTION = -4;

/** Maximum length of `counts` per allowed bucket. Values that are far apart have zeros between them. */
const SLOTS_PER_BUCKET = 16;

/** The counts of native buckets. */
export type BucketCounts = Pick<NativeBuckets, 'schema' | 'zeros' | 'first' | 'counts'>;

/**
 * Exponential buckets: each factor of two has 2^schema of them. With base = 2^(2^-schema), bucket i contains values above
 * base^(i-1) and up to base^i. Only buckets with observations count towards the maximum. When they exceed it, each pair of
 * neighbors becomes one bucket, which halves the resolution.
 * https://prometheus.io/docs/specs/native_histograms/
 */
export class NativeBuckets {
  schema: number;
  zeros = 0;
  /** Index of the first entry of `counts`. */
  first = 0;
  /** At most 16 entries per allowed bucket, or the 74 buckets of the coarsest resolution if that is more. */
  counts: number[] = [];
  /** Number of buckets with observations. */
  private used = 0;
  /** 2^schema. */
  private scale: number;

  constructor(
    private readonly resolution: number,
    readonly maxBuckets: number,
  ) {
    this.schema = resolution;
    this.scale = 2 ** resolution;
  }

  /** Creates buckets of the same resolution and maximum without observations. */
  createEmpty(): NativeBuckets {
    return new NativeBuckets(this.resolution, this.maxBuckets);
  }

  add(value: number): void {
    if (!(value > ZERO_THRESHOLD)) {
      // NaN does not belong to any bucket.
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
      this.used++;
    } else this.addOutside(this.first + at, 1);
    this.keepMaximum();
  }

  /** Adds the counts of other buckets, at the coarser of both resolutions and within the maximum of these buckets. */
  merge({ schema, zeros, first, counts }: BucketCounts): void {
    this.zeros += zeros;
    while (this.schema > schema) this.halve();
    counts.forEach((count, i) => {
      if (count === 0) return;
      // Computed in each step, because adding a bucket can halve the resolution.
      const index = Math.ceil((first + i) / 2 ** (schema - this.schema));
      const at = index - this.first;
      if (at < 0 || at >= this.counts.length) this.addOutside(index, count);
      else this.addAt(at, count);
      this.keepMaximum();
    });
  }

  reset(): void {
    this.schema = this.resolution;
    this.scale = 2 ** this.resolution;
    this.zeros = 0;
    this.first = 0;
    this.counts = [];
    this.used = 0;
  }

  /** Index of the bucket after the one of the largest finite value. */
  private infinityIndex(): number {
    return Math.ceil(1024 * this.scale) + 1;
  }

  private keepMaximum(): void {
    while (this.used > this.maxBuckets && this.schema > MIN_RESOLUTION) this.halve();
  }

  /** Adds a count to a bucket beyond either end of `counts`. */
  private addOutside(bucket: number, count: number): void {
    let index = bucket;
    // Halving comes first: at the finest resolution an outlier would need hundreds of thousands of zeros.
    while (this.lengthWith(index) > this.maxBuckets * SLOTS_PER_BUCKET) {
      if (this.schema === MIN_RESOLUTION) break;
      this.halve();
      index = Math.ceil(index / 2);
    }
    this.extendTo(index);
    // At the coarser resolution the bucket may already have a count.
    this.addAt(index - this.first, count);
  }

  private addAt(at: number, count: number): void {
    const { counts } = this;
    if (counts[at] === 0) this.used++;
    counts[at] = (counts[at] as number) + count;
  }

  private lengthWith(index: number): number {
    const { first, counts } = this;
    return counts.length === 0
      ? 1
      : Math.max(first + counts.length, index + 1) - Math.min(first, index);
  }

  private extendTo(index: number): void {
    if (this.counts.length === 0) this.first = index;
    const missing = this.first - index;
    if (missing > 0) {
      this.counts = [...Array.from({ length: missing }, () => 0), ...this.counts];
      this.first = index;
    }
    while (this.first + this.counts.length <= index) this.counts.push(0);
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
