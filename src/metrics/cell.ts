import { secondsSince } from './clock';
import { currentExemplar, type Exemplar, exemplars, newerExemplar } from './exemplar';
import type { NativeBuckets } from './native-buckets';

/** One counter series. The wrapper of a method writes `value` directly. */
export class CounterCell {
  value = 0;
  exemplar: Exemplar | null = null;

  /** Counts one, with an exemplar where they are wanted. */
  countWithExemplar(): void {
    this.value++;
    if (exemplars.labels !== null) this.exemplar = currentExemplar(1) ?? this.exemplar;
  }

  /** Adds what another process has counted. */
  merge({ value, exemplar }: CounterCell): void {
    this.value += value;
    this.exemplar = newerExemplar(this.exemplar, exemplar);
  }

  reset(): void {
    this.value = 0;
    this.exemplar = null;
  }
}

/** One gauge series. */
export class GaugeCell {
  value = 0;
  /** Changes with each reset, so that a call that began before one does not subtract itself after it. */
  epoch = 0;

  reset(): void {
    this.value = 0;
    this.epoch++;
  }
}

/** One histogram series. */
export class HistogramCell {
  /** Upper bounds, ascending, without +Inf. */
  bounds: readonly number[];
  /** Observations per bucket, not cumulative; the last entry is the one up to +Inf. */
  counts: number[];
  sum = 0;
  /** Exponential buckets beside the classic ones; null where they are not wanted. */
  native: NativeBuckets | null = null;
  /** The newest exemplar of each bucket; null while there is none. */
  exemplars: (Exemplar | undefined)[] | null = null;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = zeros(bounds.length + 1);
  }

  /** Observes the seconds that have passed. */
  observeSince(start: [number, number]): void {
    this.observe(secondsSince(start));
  }

  observe(value: number): void {
    const { bounds } = this;
    let i = 0;
    // Latencies fall into the first buckets: a scan from below beats bisection up to some thirty bounds.
    while (i < bounds.length && !(value <= (bounds[i] as number))) i++;
    (this.counts[i] as number)++;
    this.sum += value;
    if (this.native !== null) this.native.add(value);
    if (exemplars.labels !== null) this.keepExemplar(i, value);
  }

  count(): number {
    let count = 0;
    for (const n of this.counts) count += n;
    return count;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
    this.native?.reset();
    this.exemplars = null;
  }

  /** Other buckets cannot take over what was counted in the old ones, so the series starts again at 0. */
  rebucket(bounds: readonly number[]): void {
    this.bounds = bounds;
    this.counts = zeros(bounds.length + 1);
    this.reset();
  }

  private keepExemplar(bucket: number, value: number): void {
    const exemplar = currentExemplar(value);
    if (exemplar === null) return;
    this.exemplars ??= [];
    this.exemplars[bucket] = exemplar;
  }
}

/** With no room to spare, as an array that is made by pushing has: there is one for each series. */
function zeros(length: number): number[] {
  // oxlint-disable-next-line unicorn/no-new-array -- see above
  return new Array<number>(length).fill(0);
}

/** Something that knows since when what it holds has been waiting. */
export interface AgeSource {
  /** Seconds; 0 when it holds nothing. */
  oldestSeconds(): number;
  /** Lets go of all that it holds. */
  clear(): void;
}

/** A gauge that is computed when it is read: the greatest age that its sources know. */
export class AgeCell extends GaugeCell {
  readonly sources = new Set<AgeSource>();
  private readonly passing = new Set<WeakRef<AgeSource>>();
  /** How many of these there may be before those that are gone are looked for. */
  private mostPassing = 16;

  constructor() {
    super();
    Object.defineProperty(this, 'value', { get: () => this.oldest(), set: () => {} });
  }

  /** Adds a source for as long as somebody else holds it: of a class that is loaded anew, or of a handler object. */
  addPassing(source: AgeSource): void {
    this.passing.add(new WeakRef(source));
    if (this.passing.size <= this.mostPassing) return;
    const { length } = [...this.all()];
    this.mostPassing = Math.max(16, 2 * length);
  }

  override reset(): void {
    for (const source of this.all()) source.clear();
    super.reset();
  }

  private oldest(): number {
    let oldest = 0;
    for (const source of this.all()) oldest = Math.max(oldest, source.oldestSeconds());
    return oldest;
  }

  private *all(): Generator<AgeSource> {
    yield* this.sources;
    for (const reference of this.passing) {
      const source = reference.deref();
      if (source === undefined) this.passing.delete(reference);
      else yield source;
    }
  }
}

/** A counter that is computed when it is read: what its sources count, and what those counted that are over. */
export class LiveSumCell<S> extends CounterCell {
  private readonly live = new Set<S>();
  private ended = 0;

  /** `read` must not go down as long as its source is here. */
  constructor(private readonly read: (source: S) => number) {
    super();
    Object.defineProperty(this, 'value', { get: () => this.ended + this.liveSum(), set: () => {} });
  }

  add(source: S): void {
    this.live.add(source);
  }

  /** The source counts no further. */
  end(source: S): void {
    if (this.live.delete(source)) this.ended += this.read(source);
  }

  override reset(): void {
    super.reset();
    this.ended = -this.liveSum();
  }

  private liveSum(): number {
    let sum = 0;
    for (const source of this.live) sum += this.read(source);
    return sum;
  }
}
