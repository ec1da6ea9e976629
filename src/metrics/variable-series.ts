import type { CellOf, CellType, Located, Series } from './family-series';
import type { LabelNames } from './label-names';
import { IdleSweeps } from './idle-sweeps';
import { LabelTemplate } from './label-template';
import type { Labels } from './labels';

/** The value of each variable label in the series that new label combinations share. */
export const OTHER = '_other';

/** Finds cells by the values of the labels that depend on the call. */
export interface CellIndex<C> {
  get(values: readonly string[]): C | undefined;
  set(values: readonly string[], cell: C): void;
  /** Forgets a cell, also for calls in progress. */
  delete(values: readonly string[]): void;
  entries(): Iterable<readonly [values: readonly string[], cell: C]>;
}

/**
 * The series of a metric that differ only in labels that depend on the call. A process can have 100,000 of them, so each
 * consists of its cell and its values, and the index is the one that calls use.
 */
export class VariableSeries<T extends CellType = CellType> {
  /** Number of series. */
  size = 0;
  /** Whether a rule excludes the series. Calls may still write to their cells. */
  isWithheld = false;
  private readonly template: LabelTemplate;
  /** Cells in the index that are shown as other series, with the same labels. Null in most programs. */
  private foreign: Set<CellOf[T]> | null = null;
  private absorbing: CellOf[T] | null = null;
  /** Where further writers find the cells, such as a second class with the same service and method. Null in most programs. */
  private others: WeakIndexes<CellOf[T]> | null = null;
  /** Null while series do not expire. */
  private sweeps: IdleSweeps | null = null;

  /** @param constant has none of the names, and well-formed values */
  constructor(
    readonly constant: Labels,
    readonly names: readonly string[],
    readonly declaredBy: Located,
    private readonly index: CellIndex<CellOf[T]>,
  ) {
    this.template = LabelTemplate.of(constant, names);
  }

  /** Adds the index of a further writer. */
  join(index: CellIndex<CellOf[T]>): void {
    if (index !== this.index) (this.others ??= new WeakIndexes()).add(index);
  }

  find(values: readonly string[]): CellOf[T] | undefined {
    return this.index.get(values);
  }

  add(values: readonly string[], cell: CellOf[T]): void {
    this.index.set(values, cell);
    this.size++;
  }

  /** Lets calls find a cell that is shown as another series. */
  share(values: readonly string[], cell: CellOf[T]): void {
    this.index.set(values, cell);
    (this.foreign ??= new Set()).add(cell);
  }

  /** Gives one of the cells to another series. Calls still find it. */
  disown(cell: CellOf[T]): void {
    (this.foreign ??= new Set()).add(cell);
    this.sweeps?.forget(cell);
    this.size--;
  }

  /** Shows a cell again that was shown as another series. Returns false if calls do not find the cell here. */
  takeBack(cell: CellOf[T]): boolean {
    const isFound = this.foreign?.delete(cell) === true;
    if (isFound) this.size++;
    return isFound;
  }

  /**
   * Looks at each series during a sweep. Yields the values and the cell of each one that is idle, which `delete` may remove,
   * and null for each other one.
   *
   * @param previous the `cellTime` at which the sweep before began
   */
  *idle(previous: number): Generator<readonly [values: readonly string[], cell: CellOf[T]] | null> {
    const sweeps = (this.sweeps ??= new IdleSweeps());
    for (const entry of this.index.entries()) {
      const [values, cell] = entry;
      const isKept = this.foreign?.has(cell) === true || values.every((value) => value === OTHER);
      yield !isKept && sweeps.isIdle(cell, previous) ? entry : null;
    }
  }

  /** Forgets what sweeps have seen. */
  forgetSweeps(): void {
    this.sweeps = null;
  }

  /** Removes a series. Every call that follows finds or creates its cell again. */
  delete(values: readonly string[], cell: CellOf[T]): void {
    this.forget(values);
    this.sweeps?.forget(cell);
    this.size--;
  }

  /** Lets calls no longer find a cell that another series has removed. */
  deleteShared(series: Series<T>): void {
    if (this.foreign?.delete(series.cell) !== true) return;
    this.forget(this.valuesOf(series.labels) as readonly string[]);
  }

  private forget(values: readonly string[]): void {
    this.index.delete(values);
    this.others?.delete(values);
  }

  /** The cell that takes what is written while a rule excludes the series. Nothing reads it. */
  absorbingCell(createCell: () => CellOf[T]): CellOf[T] {
    this.absorbing ??= createCell();
    return this.absorbing;
  }

  labelsOf(values: readonly string[]): Labels {
    return this.template.labelsOf(values);
  }

  /** The series of an entry of the index. */
  member(values: readonly string[], cell: CellOf[T]): Series<T> {
    return new Member(this.template, values, cell, this.declaredBy);
  }

  /** The series with these labels, if it is one of these. */
  seriesOf(labels: Labels): Series<T> | undefined {
    const values = this.valuesOf(labels);
    const cell = values === null ? undefined : this.index.get(values);
    if (cell === undefined || this.foreign?.has(cell) === true) return undefined;
    return this.member(values as readonly string[], cell);
  }

  /** The values that lead to these labels, or null if others differ. An empty value means an absent label. */
  private valuesOf(labels: Labels): readonly string[] | null {
    const { constant, names } = this;
    for (const name in constant) if (valueOf(labels, name) !== constant[name]) return null;
    const isOther = (name: string): boolean =>
      labels[name] !== '' && !Object.hasOwn(constant, name) && !names.includes(name);
    return Object.keys(labels).some(isOther) ? null : names.map((name) => valueOf(labels, name));
  }

  reset(): void {
    for (const { cell } of this.series()) cell.reset();
  }

  *series(): Generator<Series<T>> {
    const { foreign } = this;
    for (const [values, cell] of this.index.entries()) {
      if (foreign?.has(cell) !== true) yield this.member(values, cell);
    }
  }
}

/** The indexes of writers, each as long as its writer is there: a hot reload replaces classes. */
class WeakIndexes<C> {
  private readonly known = new WeakSet<CellIndex<C>>();
  private readonly references = new Set<WeakRef<CellIndex<C>>>();

  add(index: CellIndex<C>): void {
    if (this.known.has(index)) return;
    this.known.add(index);
    for (const reference of this.references) {
      if (reference.deref() === undefined) this.references.delete(reference);
    }
    this.references.add(new WeakRef(index));
  }

  delete(values: readonly string[]): void {
    for (const reference of this.references) reference.deref()?.delete(values);
  }
}

/** Made for one read. */
class Member<T extends CellType> implements Series<T> {
  constructor(
    private readonly template: LabelTemplate,
    private readonly values: readonly string[],
    readonly cell: CellOf[T],
    readonly declaredBy: Located,
  ) {}

  get text(): string {
    return this.template.text(this.values);
  }

  get labels(): Labels {
    return this.template.labelsOf(this.values);
  }

  textWith(names: LabelNames): string {
    return this.template.with(names).text(this.values);
  }
}

/** The value of a label in the form in which series have it. */
function valueOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] as string).toWellFormed() : '';
}
