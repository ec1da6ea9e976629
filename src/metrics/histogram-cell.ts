import { BucketSlab, type BucketSlabs } from './bucket-slab';
import { cellTime, cellTimeAfter, secondsSince } from './clock';
import { takeExemplar, type Exemplar, type ExemplarSource } from './exemplar';
import type { NativeBuckets } from './native-buckets';

/** Maximum number of error types that a histogram tells apart. */
const MAX_ERROR_TYPES = 50;

/** A count in a slab has 32 bits, so it is 0 again after this many observations. */
const WRAP = 2 ** 32;

/** What many histograms have in common. They share one object, see `HistogramStore`. */
export interface HistogramShape {
  /** Upper bounds, ascending, without +Inf. */
  readonly bounds: readonly number[];
  /** The buckets that the code sets, or null if it leaves them to `configureMetrics`. */
  readonly boundsInCode: readonly number[] | null;
  /** Whether the code switches native buckets on or off, or null if it leaves them to `configureMetrics`. */
  readonly nativeInCode: boolean | null;
}

/** What most histograms do not have. */
class HistogramExtras {
  native: NativeBuckets | null = null;
  exemplars: (Exemplar | undefined)[] | null = null;
  exemplarSource: ExemplarSource | null = null;
  errorTypes: Map<string, HistogramCell> | null = null;
  /** What the count of each bucket has beyond the 32 bits in the slab: multiples of 2^32. Null while no bucket has any. */
  carries: number[] | null = null;

  observe(bucket: number, value: number): void {
    if (this.native !== null) this.native.add(value);
    if (this.exemplarSource === null) return;
    const exemplar = takeExemplar(this.exemplarSource, value);
    if (exemplar !== null) (this.exemplars ??= [])[bucket] = exemplar;
  }

  reset(): void {
    this.native?.reset();
    this.exemplars = null;
    this.releaseErrorTypes();
    this.errorTypes = null;
    this.carries = null;
  }

  releaseErrorTypes(): void {
    for (const part of this.errorTypes?.values() ?? []) part.release();
  }
}

/**
 * One histogram series. A process can have many, so an object stores only what differs: 56 bytes, and a row of numbers in a
 * slab, which is 76 bytes for 15 buckets.
 */
export class HistogramCell {
  private slab: BucketSlab;
  private row: number;
  /** Null for most cells, so a call reads one field instead of one for each feature that it does not use. */
  private extras: HistogramExtras | null;

  /** @param slabs give out the row of the cell. Null gives it a slab of its own. */
  constructor(
    /** Its bounds are one array for equal buckets, because writers cache the text of each array. */
    public shape: HistogramShape,
    slabs: BucketSlabs | null,
  ) {
    this.slab = slabFor(shape.bounds.length + 1, slabs);
    this.row = this.slab.take();
    this.extras = null;
    this.startedAt = cellTime();
  }

  /** Observes the seconds that have passed since `start`. */
  observeSince(start: [number, number]): void {
    this.observe(secondsSince(start));
  }

  observe(value: number): void {
    const { slab, row } = this;
    const { bounds } = this.shape;
    let i = 0;
    // Latencies fall into the first buckets: up to about thirty bounds, a scan from below is faster than bisection.
    while (i < bounds.length && !(value <= (bounds[i] as number))) i++;
    const { counts, sums } = slab;
    const at = row * (bounds.length + 1) + i;
    const count = (counts[at] as number) + 1;
    counts[at] = count;
    sums[row] = (sums[row] as number) + value;
    if (count === WRAP) this.carry(i);
    if (this.extras !== null) this.extras.observe(i, value);
  }

  /** Adds an observation of this cell to an error type. A type after the first {@link MAX_ERROR_TYPES} is left out. */
  observeErrorType(type: string, value: number): void {
    const errorTypes = (this.ensureExtras().errorTypes ??= new Map<string, HistogramCell>());
    let cell = errorTypes.get(type);
    if (cell === undefined) {
      if (errorTypes.size >= MAX_ERROR_TYPES) return;
      cell = new HistogramCell(this.shape, this.slab.slabs);
      cell.startedAt = this.startedAt;
      cell.native = this.native?.createEmpty() ?? null;
      errorTypes.set(type, cell);
    }
    cell.exemplarSource = this.exemplarSource;
    cell.observe(value);
  }

  get bounds(): readonly number[] {
    return this.shape.bounds;
  }

  get sum(): number {
    return this.slab.sums[this.row] as number;
  }

  set sum(sum: number) {
    this.slab.sums[this.row] = sum;
  }

  /** When the histogram was empty, as a `cellTime`. NaN if a worker did not say. */
  get startedAt(): number {
    return this.slab.startedAt[this.row] as number;
  }

  set startedAt(time: number) {
    this.slab.startedAt[this.row] = time;
  }

  /** Exponential buckets beside the classic ones, or null if the histogram is classic only. */
  get native(): NativeBuckets | null {
    return this.extras === null ? null : this.extras.native;
  }

  set native(native: NativeBuckets | null) {
    if (native !== null || this.extras !== null) this.ensureExtras().native = native;
  }

  /** The newest exemplar of each bucket, or null while there is none. */
  get exemplars(): (Exemplar | undefined)[] | null {
    return this.extras === null ? null : this.extras.exemplars;
  }

  set exemplars(exemplars: (Exemplar | undefined)[] | null) {
    if (exemplars !== null || this.extras !== null) this.ensureExtras().exemplars = exemplars;
  }

  /** Null unless exemplars are recorded. */
  get exemplarSource(): ExemplarSource | null {
    return this.extras === null ? null : this.extras.exemplarSource;
  }

  set exemplarSource(source: ExemplarSource | null) {
    if (source !== null || this.extras !== null) this.ensureExtras().exemplarSource = source;
  }

  /** Observations of failed calls by the type of their error, or null while there are none. */
  get errorTypes(): Map<string, HistogramCell> | null {
    return this.extras === null ? null : this.extras.errorTypes;
  }

  set errorTypes(errorTypes: Map<string, HistogramCell> | null) {
    if (errorTypes !== null || this.extras !== null) this.ensureExtras().errorTypes = errorTypes;
  }

  /** Observations in one bucket. The last bucket, after those of all bounds, is the one up to +Inf. */
  countAt(bucket: number): number {
    const { slab, row, extras } = this;
    const count = slab.counts[row * slab.buckets + bucket] as number;
    if (extras === null || extras.carries === null) return count;
    return count + (extras.carries[bucket] ?? 0);
  }

  /** A copy of the observations per bucket, not cumulative. The last entry is the bucket up to +Inf. */
  counts(): number[] {
    const counts: number[] = [];
    for (let i = 0; i < this.slab.buckets; i++) counts.push(this.countAt(i));
    return counts;
  }

  count(): number {
    let count = 0;
    for (let i = 0; i < this.slab.buckets; i++) count += this.countAt(i);
    return count;
  }

  isZero(): boolean {
    return this.count() === 0;
  }

  /** Replaces the buckets and their counts. Everything else stays. */
  setBuckets(shape: HistogramShape, counts: readonly number[]): void {
    if (shape.bounds.length !== this.shape.bounds.length) this.changeRow(shape.bounds.length + 1);
    this.shape = shape;
    for (let i = 0; i < this.slab.buckets; i++) this.setCount(i, counts[i] as number);
  }

  setCount(bucket: number, count: number): void {
    const { slab, row, extras } = this;
    const low = count >>> 0;
    slab.counts[row * slab.buckets + bucket] = low;
    if (low !== count || (extras !== null && extras.carries !== null)) {
      (this.ensureExtras().carries ??= [])[bucket] = count - low;
    }
  }

  reset(): void {
    this.slab.clear(this.row);
    this.startedAt = cellTimeAfter(this.startedAt);
    this.extras?.reset();
  }

  /** Changes the buckets. The series starts again at 0, because counts cannot move from old buckets to new ones. */
  rebucket(shape: HistogramShape): void {
    this.changeRow(shape.bounds.length + 1);
    this.shape = shape;
    this.reset();
  }

  /**
   * Gives the row back after the series was removed. The cell keeps its numbers in a slab of its own: a call in progress may
   * still write to it, which must not change the series that takes the row.
   */
  release(): void {
    const { slab, row } = this;
    this.slab = slab.extract(row);
    this.row = 0;
    slab.giveBack(row);
    this.extras?.releaseErrorTypes();
  }

  /** Moves to a row for another number of buckets, whose counts are 0. */
  private changeRow(buckets: number): void {
    const { slab, row, startedAt, sum } = this;
    this.slab = slabFor(buckets, slab.slabs);
    this.row = this.slab.take();
    this.sum = sum;
    this.startedAt = startedAt;
    slab.giveBack(row);
  }

  /** Keeps what a count has lost that has just become 0 again. */
  private carry(bucket: number): void {
    const carries = (this.ensureExtras().carries ??= []);
    carries[bucket] = (carries[bucket] ?? 0) + WRAP;
  }

  private ensureExtras(): HistogramExtras {
    return (this.extras ??= new HistogramExtras());
  }
}

function slabFor(buckets: number, slabs: BucketSlabs | null): BucketSlab {
  return slabs === null ? new BucketSlab(buckets, 1, null) : slabs.withRoom(buckets);
}
