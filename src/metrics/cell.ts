import { cellTime, cellTimeAfter, secondsBetween, secondsSince } from './clock';
import { newerSample, type ErrorSample } from './error-sample';
import { newerExemplar, takeExemplar, type Exemplar, type ExemplarSource } from './exemplar';
import type { NativeBuckets } from './native-buckets';
import { slownessOf } from './slowness';

/** One counter series. Wrappers write `value` directly; readers call `read()`. */
export class CounterCell {
  value = 0;
  /** When the count was 0, as a {@link cellTime}. Formats show it as the start timestamp. NaN if a worker did not say. */
  startedAt = cellTime();
  exemplar: Exemplar | null = null;
  /** What a recent error said, if this counts errors of one type. */
  sample: ErrorSample | null = null;

  read(): number {
    return this.value;
  }

  isZero(): boolean {
    return this.read() === 0;
  }

  /** Adds one, with an exemplar if the source has one. */
  countWithExemplar(exemplars: ExemplarSource): void {
    this.value++;
    if (exemplars.labels !== null) this.exemplar = takeExemplar(exemplars, 1) ?? this.exemplar;
  }

  /** Adds the count of another process. */
  merge(other: CounterCell): void {
    this.value += other.value;
    this.startedAt = Math.min(this.startedAt, other.startedAt);
    this.exemplar = newerExemplar(this.exemplar, other.exemplar);
    this.sample = newerSample(this.sample, other.sample);
  }

  reset(): void {
    this.value = 0;
    this.startedAt = cellTimeAfter(this.startedAt);
    this.exemplar = null;
    this.sample = null;
  }
}

/** One gauge series. Wrappers write `value` directly; readers call `read()`. */
export class GaugeCell {
  /** A sweep makes 0 to -0, see `IdleSweeps`. */
  value = 0;
  /** Changes with each reset, so that a call that began before a reset does not subtract itself after it. */
  generation = 0;

  read(): number {
    // Makes -0 to 0.
    return this.value + 0;
  }

  isZero(): boolean {
    return this.read() === 0;
  }

  reset(): void {
    this.value = 0;
    this.generation++;
  }
}

/** Maximum number of error types that a histogram tells apart. */
const MAX_ERROR_TYPES = 50;

/** One histogram series. */
export class HistogramCell {
  /** Upper bounds, ascending, without +Inf. */
  bounds: readonly number[];
  /** Observations per bucket, not cumulative. The last entry is the bucket up to +Inf. */
  counts: number[];
  sum = 0;
  /** When the histogram was empty, as a {@link cellTime}. */
  startedAt = cellTime();
  /** Exponential buckets beside the classic ones, or null if the histogram is classic only. */
  native: NativeBuckets | null = null;
  /** The newest exemplar of each bucket, or null while there is none. */
  exemplars: (Exemplar | undefined)[] | null = null;
  /** Null unless exemplars are recorded: one field to read per call instead of two objects. */
  exemplarSource: ExemplarSource | null = null;
  /** Observations of failed calls by the type of their error, or null while there are none. */
  errorTypes: Map<string, HistogramCell> | null = null;
  /** The buckets that the code sets, or null if it leaves them to `configureMetrics`. */
  boundsInCode: readonly number[] | null = null;
  /** Whether the code switches native buckets on or off, or null if it leaves them to `configureMetrics`. */
  nativeInCode: boolean | null = null;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = zeros(bounds.length + 1);
  }

  /** Observes the seconds that have passed since `start`. */
  observeSince(start: [number, number]): void {
    this.observe(secondsSince(start));
  }

  /** Observes the seconds between two readings of the clock. Returns how slow the call was. */
  observeBetween(start: [number, number], end: [number, number]): number {
    const seconds = secondsBetween(start, end);
    this.observe(seconds);
    return slownessOf(start, seconds);
  }

  observe(value: number): void {
    const { bounds } = this;
    let i = 0;
    // Latencies fall into the first buckets: up to about thirty bounds, a scan from below is faster than bisection.
    while (i < bounds.length && !(value <= (bounds[i] as number))) i++;
    this.counts[i] = (this.counts[i] as number) + 1;
    this.sum += value;
    if (this.native !== null) this.native.add(value);
    if (this.exemplarSource !== null) this.keepExemplar(this.exemplarSource, i, value);
  }

  /** Adds an observation of this cell to those of an error type. Past {@link MAX_ERROR_TYPES} it only has the others. */
  observeErrorType(type: string, value: number): void {
    this.errorTypes ??= new Map();
    let cell = this.errorTypes.get(type);
    if (cell === undefined) {
      if (this.errorTypes.size >= MAX_ERROR_TYPES) return;
      cell = new HistogramCell(this.bounds);
      cell.startedAt = this.startedAt;
      cell.native = this.native?.createEmpty() ?? null;
      this.errorTypes.set(type, cell);
    }
    cell.exemplarSource = this.exemplarSource;
    cell.observe(value);
  }

  isZero(): boolean {
    return this.count() === 0;
  }

  count(): number {
    let count = 0;
    for (const n of this.counts) count += n;
    return count;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
    this.startedAt = cellTimeAfter(this.startedAt);
    this.native?.reset();
    this.exemplars = null;
    this.errorTypes = null;
  }

  /** Changes the buckets. The series starts again at 0, because counts cannot move from old buckets to new ones. */
  rebucket(bounds: readonly number[]): void {
    this.bounds = bounds;
    this.counts = zeros(bounds.length + 1);
    this.reset();
  }

  private keepExemplar(source: ExemplarSource, bucket: number, value: number): void {
    const exemplar = takeExemplar(source, value);
    if (exemplar === null) return;
    this.exemplars ??= [];
    this.exemplars[bucket] = exemplar;
  }
}

/** An array without spare capacity, which an array built by `push` would have. There is one array per series. */
function zeros(length: number): number[] {
  // oxlint-disable-next-line unicorn/no-new-array -- see above
  return new Array<number>(length).fill(0);
}

/** A source that knows how long its oldest member has been waiting. */
export interface AgeSource {
  /** Seconds, or 0 when nothing is waiting. */
  oldestSeconds(): number;
  /** Forgets everything that is waiting. */
  clear(): void;
}

/** A gauge that is computed when it is read: the greatest age among its sources. */
export class AgeCell extends GaugeCell {
  readonly sources = new Set<AgeSource>();
  private readonly weakSources = new Set<WeakRef<AgeSource>>();
  /** The weak reference to each source. */
  private readonly references = new WeakMap<AgeSource, WeakRef<AgeSource>>();
  /** Number of weak sources above which collected ones are removed. */
  private sweepAt = 16;

  /** Adds a source, once, that stays only while something else, such as its class or handler, refers to it. */
  addWeak(source: AgeSource): void {
    if (this.references.has(source)) return;
    const reference = new WeakRef(source);
    this.references.set(source, reference);
    this.weakSources.add(reference);
    if (this.weakSources.size <= this.sweepAt) return;
    const { length } = [...this.all()];
    this.sweepAt = Math.max(16, 2 * length);
  }

  removeWeak(source: AgeSource): void {
    const reference = this.references.get(source);
    if (reference === undefined) return;
    this.references.delete(source);
    this.weakSources.delete(reference);
  }

  override read(): number {
    let oldest = 0;
    for (const source of this.all()) oldest = Math.max(oldest, source.oldestSeconds());
    return oldest;
  }

  override reset(): void {
    for (const source of this.all()) source.clear();
    super.reset();
  }

  *all(): Generator<AgeSource> {
    yield* this.sources;
    for (const reference of this.weakSources) {
      const source = reference.deref();
      if (source === undefined) this.weakSources.delete(reference);
      else yield source;
    }
  }
}

/** A counter that is computed when it is read: the counts of its live sources plus the final counts of ended ones. */
export class LiveSumCell<S> extends CounterCell {
  private readonly live = new Set<S>();

  /** The count that `readSource` returns must not decrease while its source is live. */
  constructor(private readonly readSource: (source: S) => number) {
    super();
  }

  add(source: S): void {
    this.live.add(source);
  }

  /** Removes a source that no longer counts, and keeps its final count. */
  end(source: S): void {
    if (this.live.delete(source)) this.value += this.readSource(source);
  }

  override read(): number {
    return this.value + this.liveSum();
  }

  override reset(): void {
    super.reset();
    this.value = -this.liveSum();
  }

  private liveSum(): number {
    let sum = 0;
    for (const source of this.live) sum += this.readSource(source);
    return sum;
  }
}
