import { cellTime, cellTimeAfter, now } from './clock';
import { QuantileSketch } from './sketch';

/** Quantiles cover the last ten minutes, as in the Go and Java clients of Prometheus. */
const WINDOW_SECONDS = 600;
/** Number of steps in which the window moves. */
const STEPS = 5;
const STEP_SECONDS = WINDOW_SECONDS / STEPS;

/** One summary series: count and sum since the start, and quantiles over a sliding window. */
export class SummaryCell {
  quantiles: readonly number[];
  sum = 0;
  count = 0;
  /** When the summary was empty, as a {@link cellTime}. */
  startedAt = cellTime();
  /** One for each step of the window that has begun, the current one first. */
  private sketches: QuantileSketch[] = [new QuantileSketch()];
  /** When the current step ends, in seconds of the clock. */
  private stepEnds: number;

  constructor(
    quantiles: readonly number[],
    private readonly seconds: () => number = monotonicSeconds,
  ) {
    this.quantiles = quantiles;
    this.stepEnds = seconds() + STEP_SECONDS;
  }

  /** Creates a summary whose window does not move, from the window of another process. */
  static of(
    quantiles: readonly number[],
    count: number,
    sum: number,
    window: QuantileSketch,
  ): SummaryCell {
    const cell = new SummaryCell(quantiles, () => 0);
    cell.count = count;
    cell.sum = sum;
    cell.sketches = [window];
    return cell;
  }

  observe(value: number): void {
    this.moveWindow();
    this.count++;
    this.sum += value;
    (this.sketches[0] as QuantileSketch).add(value);
  }

  /** Quantiles are not recorded by error type. */
  observeErrorType(): void {}

  isZero(): boolean {
    return this.count === 0;
  }

  /** The quantiles: 0 before the first observation, NaN if the window has no observations. */
  values(): number[] {
    if (this.count === 0) return this.quantiles.map(() => 0);
    const window = this.window();
    return this.quantiles.map((q) => window.quantile(q));
  }

  /** The observations within the window. */
  window(): QuantileSketch {
    this.moveWindow();
    const window = new QuantileSketch();
    for (const sketch of this.sketches) window.merge(sketch);
    return window;
  }

  /**
   * Adds the observations of another process, including its window. If the two have different quantiles, none remain. A cell
   * without observations changes nothing.
   */
  merge(other: SummaryCell): void {
    this.startedAt = Math.min(this.startedAt, other.startedAt);
    if (other.count === 0) return;
    if (this.count === 0) this.quantiles = other.quantiles;
    else if (!isSame(this.quantiles, other.quantiles)) this.quantiles = [];
    this.count += other.count;
    this.sum += other.sum;
    this.moveWindow();
    (this.sketches[0] as QuantileSketch).merge(other.window());
  }

  /** Drops the observations of the window. A worker that has ended has none in the last ten minutes. */
  forgetWindow(): void {
    this.sketches = [new QuantileSketch()];
  }

  reset(): void {
    this.sum = 0;
    this.count = 0;
    this.startedAt = cellTimeAfter(this.startedAt);
    this.forgetWindow();
  }

  private moveWindow(): void {
    const seconds = this.seconds();
    if (seconds < this.stepEnds) return;
    const steps = Math.floor((seconds - this.stepEnds) / STEP_SECONDS) + 1;
    this.stepEnds += steps * STEP_SECONDS;
    for (let i = Math.min(steps, STEPS); i > 0; i--) this.sketches.unshift(new QuantileSketch());
    this.sketches.length = Math.min(this.sketches.length, STEPS);
  }
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

function monotonicSeconds(): number {
  return now()[0];
}
