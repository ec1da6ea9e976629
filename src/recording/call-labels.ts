import type { CallDetails, LabelFunction } from './call';
import type { CellSource, Counter, Gauge, Observer } from './cells';
import { LabelRows, valuesOf } from './label-rows';

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
 * arrives and once when it settles, for all of these metrics.
 */
export class CallLabels extends LabelRows<RowCells, LabelRow> {
  requests: CellSource<Counter> | null = null;
  inFlight: CellSource<Gauge> | null = null;
  succeeded: CellSource<Observer> | null = null;
  failed: CellSource<Observer> | null = null;
  private readonly only: LabelFunction | null;

  /** @param functions none where each client has functions of its own, which compute the values for `rowOf` */
  constructor(readonly functions: readonly LabelFunction[]) {
    super();
    this.only = functions.length === 1 ? (functions[0] as LabelFunction) : null;
  }

  /** The row of a call. `likely` is tried first, because most calls settle with the labels that they arrived with. */
  row(call: CallDetails, likely: LabelRow | null): LabelRow {
    if (this.only === null) return this.rowOf(this.functions.map((label) => label(call)));
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

  protected override createRow(value: string | readonly string[]): LabelRow {
    return new LabelRow(this, value);
  }

  protected override isEmpty({ requests, inFlight, succeeded, failed }: LabelRow): boolean {
    return (requests ?? inFlight ?? succeeded ?? failed) === null;
  }

  /** Keeps a row only if it has a cell that no other row has: past the series limit, rows share one. */
  private make<K extends keyof RowCells>(
    row: LabelRow,
    metric: K,
    source: CellSource<RowCells[K]>,
  ): RowCells[K] {
    const { cell, kept } = source(valuesOf(row));
    if (kept) this.keep(row, metric, cell);
    return cell;
  }
}
