import type { CounterCell, GaugeCell, HistogramCell } from '../metrics/cell';
import type { SummaryCell } from '../metrics/summary-cell';
import { subtract, type HistogramSnapshot } from './histogram-snapshot';

type ResettableCell = CounterCell | HistogramCell | SummaryCell;

/** What one collection has read from a cell. */
interface Reading<V> {
  /** `startedAt` of the cell, which changes with each reset. */
  readonly startedAt: number;
  /** When it was read, in milliseconds since 1970. */
  readonly time: number;
  readonly value: V;
}

/** The change of a value since the collection before, or since the cell started. */
export interface Change<V> {
  readonly value: V;
  /** The time of the collection before, in milliseconds since 1970. Null if the change began with the cell. */
  readonly since: number | null;
}

/** The values of the last collection, from which deltas are computed. Removed series leave nothing behind. */
export class PreviousValues {
  private readonly counts = new WeakMap<ResettableCell, Reading<number>>();
  private readonly snapshots = new WeakMap<ResettableCell, Reading<HistogramSnapshot>>();
  private readonly levels = new WeakMap<GaugeCell, number>();
  private readonly gaugeStarts = new WeakMap<GaugeCell, { generation: number; start: number }>();

  count(cell: ResettableCell, value: number, time: number): Change<number> {
    return change(this.counts, cell, value, time, (now, before) => now - before);
  }

  histogram(
    cell: ResettableCell,
    value: HistogramSnapshot,
    time: number,
  ): Change<HistogramSnapshot> {
    return change(this.snapshots, cell, value, time, subtract);
  }

  /** The change of a value that can also fall. */
  level(cell: GaugeCell, value: number): number {
    const before = this.levels.get(cell) ?? 0;
    this.levels.set(cell, value);
    return value - before;
  }

  /** When the sum that a gauge shows began: `first`, or the collection that noticed its last reset. */
  gaugeStart(cell: GaugeCell, first: number, time: number): number {
    const { generation } = cell;
    const known = this.gaugeStarts.get(cell);
    if (known?.generation === generation) return known.start;
    const start = known === undefined ? first : time;
    this.gaugeStarts.set(cell, { generation, start });
    return start;
  }
}

function change<V>(
  readings: WeakMap<ResettableCell, Reading<V>>,
  cell: ResettableCell,
  value: V,
  time: number,
  difference: (value: V, before: V) => V,
): Change<V> {
  const { startedAt } = cell;
  const before = readings.get(cell);
  readings.set(cell, { startedAt, time, value });
  return before === undefined || before.startedAt !== startedAt
    ? { value, since: null }
    : { value: difference(value, before.value), since: before.time };
}
