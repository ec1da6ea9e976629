import { secondsSince } from '../clock';

/** One histogram series with classic buckets. */
export class HistogramCell {
  /** Upper bounds, ascending, without +Inf. */
  bounds: readonly number[];
  /** Observations per bucket, not cumulative; the last entry is the one up to +Inf. */
  counts: number[];
  sum = 0;

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
  }

  count(): number {
    let count = 0;
    for (const n of this.counts) count += n;
    return count;
  }

  reset(): void {
    this.counts.fill(0);
    this.sum = 0;
  }

  /** Other buckets cannot take over what was counted in the old ones, so the series starts again at 0. */
  rebucket(bounds: readonly number[]): void {
    this.bounds = bounds;
    this.counts = zeros(bounds.length + 1);
    this.sum = 0;
  }
}

function zeros(length: number): number[] {
  // Not `new Array(length)`: that would be an array with holes, which V8 reads more slowly.
  const array: number[] = [];
  for (let i = 0; i < length; i++) array.push(0);
  return array;
}
