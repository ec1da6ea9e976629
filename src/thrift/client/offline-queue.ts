import type { GaugeCell } from '../../metrics/cell';

interface Waiting {
  count: number;
  /** The reset generation of the gauge at the first of these calls. */
  generation: number;
}

/** The calls that wait in one connection until it is connected, counted in the gauge of each client name. */
export class OfflineQueue {
  private readonly waiting = new Map<GaugeCell, Waiting>();

  /** Counts one more call that waits. */
  enter(gauge: GaugeCell): void {
    let waiting = this.waiting.get(gauge);
    if (waiting === undefined || waiting.generation !== gauge.generation) {
      waiting = { count: 0, generation: gauge.generation };
      this.waiting.set(gauge, waiting);
    }
    waiting.count++;
    gauge.value++;
  }

  /** Called when all waiting calls were sent or dropped. */
  leave(): void {
    for (const [gauge, { count, generation }] of this.waiting) {
      if (gauge.generation === generation) gauge.value -= count;
    }
    this.waiting.clear();
  }
}
