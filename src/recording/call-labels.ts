import type { CellOf, CellType } from '../metrics/family-series';
import type { CellIndex } from '../metrics/variable-series';
import type { CallDetails, LabelFunction } from './call';
import type { CellSource, Counter, Gauge, Observer } from './cells';
import { LabelTree } from './label-tree';

/** The metrics that share a row. */
export interface RowCells {
  requests: Counter;
  inFlight: Gauge;
  succeeded: Observer;
  failed: Observer;
}

type RowCellsOrNull = { [K in keyof RowCells]: RowCells[K] | null };

/**
 * The cells of one combination of label values. Each is null until it is needed, and after its series has expired. Only a row
 * that {@link CallLabels} keeps has cells. A call in progress can hold another one: its values are past the series limit, all
 * series of its row have expired, or another call has kept a row of the same values.
 */
export class LabelRow implements RowCellsOrNull {
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

  /** The row of label values that the caller has computed. For clients, each of which has functions of its own. */
  rowOf(values: readonly string[]): LabelRow {
    return (
      this.kept(values) ?? new LabelRow(this, values.length === 1 ? (values[0] as string) : values)
    );
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

  /** The cells of one metric, for its family, which creates them. */
  column<T extends CellType>(metric: keyof RowCells): CellIndex<CellOf[T]> {
    const index: CellIndex<Observer | Counter | Gauge> = {
      get: (values) => this.kept(values)?.[metric] ?? undefined,
      set: (values, cell) => this.keep(this.rowOf(values), metric, cell),
      delete: (values) => this.forget(values, metric),
      entries: () => this.entriesOf(metric),
    };
    return index as CellIndex<CellOf[T]>;
  }

  private kept(values: readonly string[]): LabelRow | undefined {
    return values.length === 1 ? this.byValue.get(values[0] as string) : this.byValues.get(values);
  }

  private *entriesOf(
    metric: keyof RowCells,
  ): Generator<[readonly string[], Observer | Counter | Gauge]> {
    for (const row of this.rows()) {
      const cell = row[metric];
      if (cell !== null) yield [valuesOf(row), cell];
    }
  }

  private *rows(): Generator<LabelRow> {
    yield* this.byValue.values();
    for (const [, row] of this.byValues.entries()) yield row;
  }

  private rowOfMany(call: CallDetails): LabelRow {
    return this.rowOf(this.functions.map((label) => label(call)));
  }

  /** Keeps a row only if it has a cell that no other row has, so that unlimited label values do not fill the memory. */
  private make<K extends keyof RowCells>(
    row: LabelRow,
    metric: K,
    source: CellSource<RowCells[K]>,
  ): RowCells[K] {
    const { cell, kept } = source(valuesOf(row));
    if (kept) this.keep(row, metric, cell);
    return cell;
  }

  private keep<K extends keyof RowCells>(row: LabelRow, metric: K, cell: RowCells[K]): void {
    // The kept row of these values may be another one: of another call, or the row in which the family has just stored a cell
    // that it has created. The family stores it in the column of the first writer only, so the others store it here.
    const known = this.kept(valuesOf(row));
    ((known ?? row) as RowCellsOrNull)[metric] = cell;
    if (known !== undefined) return;
    if (typeof row.value === 'string') this.byValue.set(row.value, row);
    else this.byValues.set(row.value, row);
  }

  private forget(values: readonly string[], metric: keyof RowCells): void {
    const row = this.kept(values);
    if (row === undefined) return;
    row[metric] = null;
    const { requests, inFlight, succeeded, failed } = row;
    if ((requests ?? inFlight ?? succeeded ?? failed) !== null) return;
    if (typeof row.value === 'string') this.byValue.delete(row.value);
    else this.byValues.delete(row.value);
  }
}

function valuesOf({ value }: LabelRow): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
