import type { CellOf, CellType, Located, Series } from './family-series';
import { IdleSweeps } from './idle-sweeps';
import type { LabelNames } from './label-names';
import { LabelTemplate } from './label-template';
import type { Labels } from './labels';

/** The value of each variable label in the series that new label combinations share. */
export const OTHER = '_other';

/** Finds cells by the values of the labels that depend on the call. Each writer, such as a wrapper, has its own. */
export interface CellIndex<C> {
  get(values: readonly string[]): C | undefined;
  set(values: readonly string[], cell: C): void;
  /** Removes a cell. Calls in progress no longer find it either. */
  delete(values: readonly string[]): void;
  entries(): Iterable<readonly [values: readonly string[], cell: C]>;
}

/**
 * The series of a metric that differ only in labels that depend on the call. A process can have 100,000 of them, so each
 * consists of its cell and its values, and is stored in the index in which the first writer finds the cell.
 */
export class VariableSeries<T extends CellType = CellType> {
  /** Number of series. */
  size = 0;
  /** Whether a rule excludes the series. Calls may still write to their cells. */
  isWithheld = false;
  private readonly template: LabelTemplate;
  /**
   * Cells in the index whose series does not belong here: the family stores it, or other declarations with the same labels
   * have created it. Null in most programs.
   */
  private shownElsewhere: Set<CellOf[T]> | null = null;
  private absorbing: CellOf[T] | null = null;
  /** The indexes of further writers, such as a second class with the same service and method. Null in most programs. */
  private otherIndexes: WeakIndexes<CellOf[T]> | null = null;
  /** Null while series do not expire. */
  private sweeps: IdleSweeps | null = null;

  /**
   * @param constant the labels that all series have: none of `names`, and well-formed values
   * @param names the labels that depend on the call
   * @param index the index of the first writer
   */
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
    if (index !== this.index) (this.otherIndexes ??= new WeakIndexes()).add(index);
  }

  /** Finds the cell of a call, also one that is shown elsewhere. */
  find(values: readonly string[]): CellOf[T] | undefined {
    return this.index.get(values);
  }

  /** Whether all series have a label with this name. */
  hasLabel(name: string): boolean {
    return this.names.includes(name) || Object.hasOwn(this.constant, name);
  }

  /** Adds a series. A writer other than the first one also puts the cell into its own index. */
  add(values: readonly string[], cell: CellOf[T]): void {
    this.index.set(values, cell);
    this.size++;
  }

  /** Lets calls find a cell that is shown elsewhere. */
  share(values: readonly string[], cell: CellOf[T]): void {
    this.index.set(values, cell);
    (this.shownElsewhere ??= new Set()).add(cell);
  }

  /** Hands the series of a cell over to the family. Calls still find the cell. */
  disown(cell: CellOf[T]): void {
    (this.shownElsewhere ??= new Set()).add(cell);
    this.sweeps?.forget(cell);
    this.size--;
  }

  /** Takes over the series of a cell that was shown elsewhere. Returns false if calls do not find the cell here. */
  takeBack(cell: CellOf[T]): boolean {
    const isFound = this.shownElsewhere?.delete(cell) === true;
    if (isFound) this.size++;
    return isFound;
  }

  /**
   * Looks at each series during a sweep. Yields the values and the cell of each one that is idle, which `delete` may remove,
   * and null for each other one, so that the sweep can end or yield to the event loop at any of them.
   *
   * @param previous the `cellTime` at which the sweep before began
   */
  *findIdle(
    previous: number,
  ): Generator<readonly [values: readonly string[], cell: CellOf[T]] | null> {
    const sweeps = (this.sweeps ??= new IdleSweeps());
    for (const entry of this.index.entries()) {
      const [values, cell] = entry;
      const stays =
        this.shownElsewhere?.has(cell) === true || values.every((value) => value === OTHER);
      yield !stays && sweeps.isIdle(cell, previous) ? entry : null;
    }
  }

  /** Forgets what sweeps have seen. */
  forgetSweeps(): void {
    this.sweeps = null;
  }

  /** Removes a series. The next call with its labels, or the end of a call in progress, creates another one. */
  delete(values: readonly string[], cell: CellOf[T]): void {
    this.forget(values);
    this.sweeps?.forget(cell);
    this.size--;
  }

  /** Forgets the cell of a series that was shown elsewhere and is removed. */
  deleteShared(series: Series<T>): void {
    if (this.shownElsewhere?.delete(series.cell) !== true) return;
    this.forget(this.valuesOf(series.labels) as readonly string[]);
  }

  private forget(values: readonly string[]): void {
    this.index.delete(values);
    this.otherIndexes?.delete(values);
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

  /** The series with these labels, unless it is shown elsewhere. */
  seriesOf(labels: Labels): Series<T> | undefined {
    const values = this.valuesOf(labels);
    const cell = values === null ? undefined : this.index.get(values);
    if (cell === undefined || this.shownElsewhere?.has(cell) === true) return undefined;
    return this.member(values as readonly string[], cell);
  }

  /**
   * The values with which a series here would have these labels, or null if no series here can. An empty value means an
   * absent label.
   */
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
    for (const [values, cell] of this.index.entries()) {
      if (this.shownElsewhere?.has(cell) !== true) yield this.member(values, cell);
    }
  }
}

/** Indexes of writers. References to them are weak, because a hot reload replaces classes, and their indexes with them. */
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

/** A series as readers see it, created for one read. */
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
