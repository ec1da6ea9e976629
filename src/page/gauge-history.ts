/** The course of one gauge over the samples that are held. */
export class GaugeHistory {
  /** Made when there is something to hold: most gauges stay at 0. */
  private values: Float64Array | null = null;

  constructor(private readonly capacity: number) {}

  set(value: number, slot: number): void {
    if (value === 0 && this.values === null) return;
    this.values ??= new Float64Array(this.capacity);
    this.values[slot] = value;
  }

  at(slot: number): number {
    return this.values?.[slot] ?? 0;
  }
}
