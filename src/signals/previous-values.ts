import { subtract, type HistogramSnapshot } from './histogram-snapshot';

/** What one collection has read from a series. */
interface Reading {
  /** `startedAt` of the cell, which changes with each reset. */
  readonly startedAt: number;
  /** When it was read, in milliseconds since 1970. */
  readonly time: number;
  readonly value: number | HistogramSnapshot;
}

/** What one collection has read from a gauge. */
interface GaugeReading {
  /** `generation` of the cell, which changes with each reset. */
  readonly generation: number;
  /** When the value was 0, in milliseconds since 1970. */
  readonly start: number;
  readonly value: number;
}

/** The change of a value since the collection before, or since the series started. */
export interface Change<V> {
  readonly value: V;
  /** The time of the collection before, in milliseconds since 1970. Null if the change began with the series. */
  readonly since: number | null;
}

interface Started {
  readonly startedAt: number;
}

/**
 * The values of one family at the last collection, from which deltas are computed. Series are told apart by their labels,
 * because a sum over dropped labels has a new cell at each collection.
 */
export class PreviousValues {
  private before = new Map<string, Reading>();
  private readonly now = new Map<string, Reading>();
  private gaugesBefore = new Map<string, GaugeReading>();
  private readonly gaugesNow = new Map<string, GaugeReading>();

  /** Ends a collection. Series that it has not read are forgotten. */
  commit(): void {
    this.before = new Map(this.now);
    this.now.clear();
    this.gaugesBefore = new Map(this.gaugesNow);
    this.gaugesNow.clear();
  }

  count(key: string, cell: Started, value: number, time: number): Change<number> {
    return this.change(key, cell, value, time, (after, before) => after - before);
  }

  histogram(
    key: string,
    cell: Started,
    value: HistogramSnapshot,
    time: number,
  ): Change<HistogramSnapshot> {
    return this.change(key, cell, value, time, subtract);
  }

  /**
   * The change of a value that can also fall, and when it was 0: at `first`, or at the collection that noticed its last
   * reset.
   */
  gauge(
    key: string,
    { generation }: { readonly generation: number },
    value: number,
    first: number,
    time: number,
  ): { readonly change: number; readonly start: number } {
    const before = this.gaugesBefore.get(key);
    const isReset = before !== undefined && before.generation !== generation;
    const start = isReset ? time : (before?.start ?? first);
    this.gaugesNow.set(key, { generation, start, value });
    return { change: value - (before?.value ?? 0), start };
  }

  private change<V extends number | HistogramSnapshot>(
    key: string,
    { startedAt }: Started,
    value: V,
    time: number,
    difference: (after: V, before: V) => V,
  ): Change<V> {
    const before = this.before.get(key);
    this.now.set(key, { startedAt, time, value });
    return before === undefined || before.startedAt !== startedAt
      ? { value, since: null }
      : { value: difference(value, before.value as V), since: before.time };
  }
}
