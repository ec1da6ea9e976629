import { secondsSince } from '../clock';
import { currentExemplar, exemplars, type Exemplar } from './exemplar';
import type { NativeBuckets } from './native-buckets';

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
