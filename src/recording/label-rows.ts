import type { CellOf, CellType } from '../metrics/family-series';
import type { CellIndex } from '../metrics/variable-series';
import { LabelTree } from './label-tree';

/** The cells of one combination of label values: one property for each metric. */
export interface Row {
  /** The value if there is one label, or else a list of values. */
  readonly value: string | readonly string[];
}

type CellsOrNull<Cells> = { [K in keyof Cells]: Cells[K] | null };

/**
 * The cells of several metrics that have the same variable labels, in rows by the values of these labels. Each metric is a
 * column, which its family fills and empties. A row is kept as long as it has a cell, so that unlimited label values do not
 * fill the memory. This is a base class instead of a field, because each call looks up its row.
 */
export abstract class LabelRows<Cells extends object, R extends Row & CellsOrNull<Cells>> {
  /** The rows of a single label, which a call finds without building a key. */
  protected readonly byValue = new Map<string, R>();
  private readonly byValues = new LabelTree<R>();

  /** Creates a row without cells. */
  protected abstract createRow(value: string | readonly string[]): R;

  /** Whether every cell of a row is null. */
  protected abstract isEmpty(row: R): boolean;

  /** The row of label values. A new one is not kept until it gets a cell. */
  rowOf(values: readonly string[]): R {
    return (
      this.kept(values) ?? this.createRow(values.length === 1 ? (values[0] as string) : values)
    );
  }

  /** The cells of one metric, for its family, which creates and removes them. */
  column<T extends CellType>(metric: keyof Cells): CellIndex<CellOf[T]> {
    const index: CellIndex<Cells[keyof Cells]> = {
      get: (values) => (this.kept(values) as CellsOrNull<Cells> | undefined)?.[metric] ?? undefined,
      set: (values, cell) => void this.keep(this.rowOf(values), metric, cell),
      delete: (values) => this.forget(values, metric),
      entries: () => this.entriesOf(metric),
    };
    return index as CellIndex<unknown> as CellIndex<CellOf[T]>;
  }

  /**
   * Gives a row a cell, and returns the row that is kept. That may be another one with the same values: of another call, or the
   * row in which the family has just stored a cell that it has created. The family stores it in the column of the first writer
   * only, so the others store it here.
   */
  protected keep<K extends keyof Cells>(row: R, metric: K, cell: Cells[K]): R {
    const known = this.kept(valuesOf(row));
    const kept = known ?? row;
    (kept as CellsOrNull<Cells>)[metric] = cell;
    if (known !== undefined) return kept;
    if (typeof row.value === 'string') this.byValue.set(row.value, row);
    else this.byValues.set(row.value, row);
    return kept;
  }

  private kept(values: readonly string[]): R | undefined {
    return values.length === 1 ? this.byValue.get(values[0] as string) : this.byValues.get(values);
  }

  private forget(values: readonly string[], metric: keyof Cells): void {
    const row = this.kept(values);
    if (row === undefined) return;
    (row as CellsOrNull<Cells>)[metric] = null;
    if (!this.isEmpty(row)) return;
    if (typeof row.value === 'string') this.byValue.delete(row.value);
    else this.byValues.delete(row.value);
  }

  private *entriesOf(
    metric: keyof Cells,
  ): Generator<[values: readonly string[], cell: Cells[keyof Cells]]> {
    for (const row of this.rows()) {
      const cell = (row as CellsOrNull<Cells>)[metric];
      if (cell !== null) yield [valuesOf(row), cell];
    }
  }

  private *rows(): Generator<R> {
    yield* this.byValue.values();
    for (const [, row] of this.byValues.entries()) yield row;
  }
}

/** The label values of a row. */
export function valuesOf({ value }: Row): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
