import type { CallDetails, LabelFunction } from './call';
import type { CellSource, Counter, Gauge, Observer } from './cells';
import { LabelTree } from './label-tree';

/** The cells of one combination of label values. Each is null until it is needed. */
export class LabelRow {
  declare requests: Counter | null;
  declare inFlight: Gauge | null;
  declare succeeded: Observer | null;
  declare failed: Observer | null;

  constructor(
    readonly labels: CallLabels,
    /** The value if there is one label, or else a list of values. */
    readonly value: string | readonly string[],
  ) {
    this.requests = null;
    this.inFlight = null;
    this.succeeded = null;
    this.failed = null;
  }
}

/**
 * The labels of a method that are functions of the call, and the metrics that share them. The functions run once when a call
 * arrives and once when it settles, for all of these metrics. A single label is looked up by its value, without building a
 * key.
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

  /** The row of a call. `likely` is tried first, because most calls settle with the labels that they arrived with. */
  row(call: CallDetails, likely: LabelRow | null): LabelRow {
    if (this.only === null) return this.rowOfMany(call);
    const value = this.only(call);
    if (likely !== null && likely.labels === this && likely.value === value) return likely;
    return this.byValue.get(value) ?? new LabelRow(this, value);
  }

  /** The row of label values that the caller has computed, where each client has functions of its own. */
  rowOf(values: readonly string[]): LabelRow {
    if (values.length !== 1) return this.byValues.get(values) ?? new LabelRow(this, values);
    const value = values[0] as string;
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

  private rowOfMany(call: CallDetails): LabelRow {
    return this.rowOf(this.functions.map((label) => label(call)));
  }

  /** Keeps a row only if it has a cell that no other row has, so that unlimited label values do not fill the memory. */
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
