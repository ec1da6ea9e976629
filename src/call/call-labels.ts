import { LabelTree, type CellSource } from './label-tree';
import type { LabelFunction, ObservedCall } from './observed-call';
import type { Counter, Gauge, Observer } from './plan';

/** The cells of one combination of label values; null until they are needed. */
export class LabelRow {
  declare requests: Counter | null;
  declare inFlight: Gauge | null;
  declare succeeded: Observer | null;
  declare failed: Observer | null;

  constructor(
    readonly labels: CallLabels,
    /** The value where there is one label, else all values. */
    readonly value: string | readonly string[],
  ) {
    this.requests = null;
    this.inFlight = null;
    this.succeeded = null;
    this.failed = null;
  }
}

/**
 * The labels of a method that are functions of the call, with the metrics that have them in common. For those the
 * functions are asked once when a call arrives and once when it settles. One label is looked up by its value; no key is
 * built.
 */
export class CallLabels {
  requests: CellSource<Counter> | null = null;
  inFlight: CellSource<Gauge> | null = null;
  succeeded: CellSource<Observer> | null = null;
  failed: CellSource<Observer> | null = null;
  private readonly byValue = new Map<string, LabelRow>();
  private readonly byValues = new LabelTree<LabelRow>();
  private readonly only: LabelFunction | null;

  constructor(readonly functions: readonly LabelFunction[]) {
    this.only = functions.length === 1 ? (functions[0] as LabelFunction) : null;
  }

  /** The row for a call. `likely` is tried first: mostly a call settles with the labels it arrived with. */
  row(call: ObservedCall, likely: LabelRow | null): LabelRow {
    if (this.only === null) return this.rowOfMany(call);
    const value = this.only(call);
    if (likely !== null && likely.labels === this && likely.value === value) return likely;
    return this.byValue.get(value) ?? new LabelRow(this, value);
  }

  requestsOf(row: LabelRow): Counter {
    return row.requests ?? this.make(row, 'requests', this.requests as CellSource<Counter>);
  }

  inFlightOf(row: LabelRow): Gauge {
    return row.inFlight ?? this.make(row, 'inFlight', this.inFlight as CellSource<Gauge>);
  }

  succeededOf(row: LabelRow): Observer {
    return row.succeeded ?? this.make(row, 'succeeded', this.succeeded as CellSource<Observer>);
  }

  failedOf(row: LabelRow): Observer {
    return row.failed ?? this.make(row, 'failed', this.failed as CellSource<Observer>);
  }

  private rowOfMany(call: ObservedCall): LabelRow {
    const values = this.functions.map((label) => label(call));
    return this.byValues.get(values) ?? new LabelRow(this, values);
  }

  /** A row is remembered only with a cell of its own in it: label values without end must not fill the memory. */
  private make<K extends 'requests' | 'inFlight' | 'succeeded' | 'failed'>(
    row: LabelRow,
    metric: K,
    source: CellSource<NonNullable<LabelRow[K]>>,
  ): NonNullable<LabelRow[K]> {
    const { value } = row;
    const { cell, kept } = source(typeof value === 'string' ? [value] : value);
    if (kept) {
      row[metric] = cell;
      this.keep(row);
    }
    return cell;
  }

  private keep(row: LabelRow): void {
    if (typeof row.value === 'string') this.byValue.set(row.value, row);
    else this.byValues.set(row.value, row);
  }
}
