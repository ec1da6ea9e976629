import type { Call, CallDetails, FailedCheck, LabelFunction } from './call';
import type { CellSource, Counter, Gauge, Observer } from './cells';
import { isThenable } from './promise';

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
  row(call: CallDetails, likely: LabelRow | null): LabelRow {
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

  private rowOfMany(call: CallDetails): LabelRow {
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

/** The kind of a call that returned but counts as failed, and its type if `failed` names none. */
export const RESULT = 'result';

/** The value of a label whose function failed, so that the call is counted all the same. */
export const UNKNOWN = '_unknown';

/** Where faults of metrics code are reported. Must not throw. */
export interface FaultSink {
  /** `site` is counted, and reported once. */
  report(site: string, error: unknown): void;
}

/**
 * Makes a user's label function safe, once, at definition: what it throws, or returns instead of a label value, is
 * reported under `site` and gives the value `_unknown`. Numbers, booleans and bigints become strings.
 */
export function safeLabelFunction(
  label: (call: Call) => unknown,
  site: string,
  faults: FaultSink,
  notALabelValue: (value: unknown) => Error,
): LabelFunction {
  return (call) => {
    try {
      const value = label(call);
      if (typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
        return String(value);
      }
      faults.report(site, notALabelValue(value));
    } catch (error) {
      faults.report(site, error);
    }
    return UNKNOWN;
  };
}

/**
 * Makes a user's `failed` function safe: an exception, or a value that says neither yes nor no, is reported under `site`,
 * and the call does not count as failed.
 */
export function safeFailedCheck(
  failed: (call: Call) => unknown,
  site: string,
  faults: FaultSink,
  wrongResult: (value: unknown) => Error,
): FailedCheck {
  return (call) => {
    try {
      const value = failed(call);
      if (typeof value === 'string') return value === '' ? null : value;
      if (value === true) return RESULT;
      if (value === false || value === undefined || value === null) return null;
      // A promise that rejects must not end the program.
      if (isThenable(value)) value.then(undefined, () => {});
      faults.report(site, wrongResult(value));
    } catch (error) {
      faults.report(site, error);
    }
    return null;
  };
}

/** Maps within maps, one level for each label, so that no combination of values can be taken for another. */
export class LabelTree<T> {
  private readonly root = new Map<string, unknown>();

  get(values: readonly string[]): T | undefined {
    let node: unknown = this.root;
    for (const value of values) {
      node = (node as Map<string, unknown>).get(value);
      if (node === undefined) return undefined;
    }
    return node as T;
  }

  set(values: readonly string[], leaf: T): void {
    let node = this.root;
    for (const value of values.slice(0, -1)) {
      let child = node.get(value) as Map<string, unknown> | undefined;
      if (child === undefined) node.set(value, (child = new Map<string, unknown>()));
      node = child;
    }
    node.set(values[values.length - 1] as string, leaf);
  }
}
