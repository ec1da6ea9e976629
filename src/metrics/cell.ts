import { cellTime, cellTimeAfter } from './clock';
import { newerSample, type ErrorSample } from './error-sample';
import { newerExemplar, takeExemplar, type Exemplar, type ExemplarSource } from './exemplar';

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
  /** May be -0, which {@link takeChange} leaves. */
  value = 0;
  /** Changes with each reset, so that a call that began before a reset does not subtract itself after it. */
  generation = 0;

  read(): number {
    // No reader sees -0, because -0 + 0 is 0.
    return this.value + 0;
  }

  isZero(): boolean {
    return this.read() === 0;
  }

  /**
   * Whether a call is in progress, or the gauge was changed since this was asked last. A call that has ended leaves the value
   * as it found it, and must do no work for this question. So the answer turns 0 into -0: once a call has added 1 and
   * subtracted it again, the value is 0 and no longer -0.
   */
  takeChange(): boolean {
    if (Object.is(this.value, -0)) return false;
    if (this.value === 0) this.value = -0;
    return true;
  }

  reset(): void {
    this.value = 0;
    this.generation++;
  }
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
