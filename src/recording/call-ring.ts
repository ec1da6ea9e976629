/** The latest calls of one kind. Keeps at most as many per second as it holds. */
export class CallRing<T> {
  private readonly kept: T[] = [];
  /** For each call, the second in which it ended. */
  private readonly seconds: number[] = [];
  /** The position of the oldest call once the ring is full. */
  private oldest = 0;

  constructor(private readonly capacity: number) {}

  /** Whether a call that ends in this second would be kept. */
  isDue(second: number): boolean {
    return this.seconds.length < this.capacity || this.seconds[this.oldest] !== second;
  }

  keep(second: number, call: T): void {
    this.kept[this.oldest] = call;
    this.seconds[this.oldest] = second;
    this.oldest = (this.oldest + 1) % this.capacity;
  }

  /** The second in which the latest call ended, or 0 without calls. */
  get latest(): number {
    return Math.max(0, ...this.seconds);
  }

  /** The calls, in any order. */
  calls(): readonly T[] {
    return this.kept;
  }
}
