import { CounterCell } from './counter-cell';

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
