import { LABEL } from './catalogue';
import type { CounterCell, GaugeCell } from './cell';
import type { LabelNames } from './label-names';
import { labelIdentity, labelIdentityOfText, type Labels, seriesText } from './labels';
import type { MetricValues, RegistryMetric, Sample } from './registry-metric';
import {
  type Aggregator,
  type CellOf,
  type CellType,
  type Located,
  type Series,
  StoredSeries,
} from './family-series';
import type { HistogramCell } from './histogram-cell';
import type { Ruling, SeriesPolicy } from './series-policy';
import { groupByShownLabels, type SeriesGroup, sumsOf } from './shown-series';
import type { SummaryCell } from './summary-cell';
import { type CellIndex, VariableSeries } from './variable-series';

export {
  type Aggregator,
  type CellOf,
  type CellType,
  type Located,
  type Series,
  StoredSeries,
} from './family-series';

/** The settings that every family reads. */
export interface SharedSettings {
  readonly defaultLabels: Labels;
  readonly labelNames: LabelNames;
  readonly policy: SeriesPolicy;
}

/** The part of a family that writers read. */
export interface FamilyView<T extends CellType = CellType> {
  readonly registeredName: string;
  readonly type: T;
  readonly help: string;
  readonly aggregator: Aggregator;
  /** Number of series, before series are summed over dropped labels. */
  readonly size: number;
  /** The series that readers see. */
  shown(): Iterable<Series<T>>;
}

/**
 * All series of one metric name. Calls write to the cells. A family is also a metric in the registry of the client library,
 * which reads the cells when it is scraped; `name`, `get` and `reset` are that library's contract.
 */
export class Family<T extends CellType = CellType> implements RegistryMetric, FamilyView<T> {
  /** The name for the registry. In OpenMetrics mode the client library removes `_total` from it while it renders. */
  name: string;
  private readonly index = new Map<string, StoredSeries<T>>();
  /** Series that a rule excludes. Calls may still write to their cells. */
  private readonly withheld = new Map<string, StoredSeries<T>>();
  /** The series whose labels depend on the call, by their constant labels and the names of the others. */
  private readonly variables = new Map<string, VariableSeries<T>>();
  /** The same by service and method, which are constant. So a call over the series limit searches its own method only. */
  private readonly variablesByMethod = new Map<string, VariableSeries<T>[]>();
  /** The names of the labels of all series that were ever stored. */
  private readonly storedNames = new Set<string>();
  /** The series by the labels that readers see. Null until they are read, and after they have changed. */
  private groups: SeriesGroup<T>[] | null = null;
  /** The iterations over the series that are in progress. Weak, because a report can be given up and never end. */
  private readonly readers = new Set<WeakRef<object>>();

  constructor(
    /** The name in the registry, including the prefix. */
    public registeredName: string,
    /** The declared name, without the prefix. */
    readonly baseName: string,
    readonly type: T,
    readonly help: string,
    /** The first declaration of the family, for error messages. */
    readonly declaredBy: Located,
    /** Settings of every family. They are read with the values, because they can change. */
    private readonly shared: SharedSettings,
    readonly aggregator: Aggregator = 'sum',
  ) {
    this.name = registeredName;
  }

  rename(name: string): void {
    this.registeredName = name;
    this.name = name;
  }

  get size(): number {
    let { size } = this.index;
    for (const variable of this.variables.values()) if (!variable.isWithheld) size += variable.size;
    return size;
  }

  *series(): Generator<Series<T>> {
    // An object that only this iteration holds: it leaves memory with an iteration that is given up.
    const reader: { reference?: WeakRef<object> } = {};
    reader.reference = new WeakRef(reader);
    this.readers.add(reader.reference);
    try {
      yield* this.index.values();
      for (const variable of this.variables.values())
        if (!variable.isWithheld) yield* variable.series();
    } finally {
      this.readers.delete(reader.reference);
    }
  }

  private isBeingRead(): boolean {
    for (const reference of this.readers) {
      if (reference.deref() !== undefined) return true;
      this.readers.delete(reference);
    }
    return false;
  }

  /** The series that readers see: summed over the labels that rules drop. */
  shown(): Iterable<Series<T>> {
    const { policy } = this.shared;
    if (!policy.mayDrop(this.baseName)) return this.series();
    // Kept between scrapes, because labels are slow to parse.
    this.groups ??= groupByShownLabels(this.series(), ({ labels }) => {
      const dropped = this.rulingOf(labels)?.dropped ?? [];
      return Object.fromEntries(Object.entries(labels).filter(([name]) => !dropped.includes(name)));
    });
    return sumsOf(this.type, this.aggregator, this.groups);
  }

  /** Every series that calls may write to, including excluded ones. */
  *all(): Generator<Series<T>> {
    yield* this.index.values();
    yield* this.withheld.values();
    for (const variable of this.variables.values()) yield* variable.series();
  }

  /** Whether a rule excludes the series with these labels. */
  excludes(labels: Labels): boolean {
    return this.rulingOf(labels)?.isExcluded === true;
  }

  rulingOf(labels: Labels): Ruling | null {
    return this.shared.policy.rulingOf(this.baseName, labels);
  }

  find(labels: Labels): Series<T> | undefined {
    const stored = this.stored(labelIdentity(Object.entries(labels)));
    if (stored !== undefined) return stored;
    for (const variable of this.variablesWith(labels)) {
      const found = variable.seriesOf(labels);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private stored(identity: string): StoredSeries<T> | undefined {
    return this.index.get(identity) ?? this.withheld.get(identity);
  }

  /**
   * Finds the series with these labels, or creates it with a new cell. `createCell` gets what the rules say about it. A
   * series that a call created is stored from now on.
   */
  findOrCreate(
    labels: Labels,
    declaredBy: Located,
    createCell: (ruling: Ruling | null) => CellOf[T],
  ): StoredSeries<T> {
    const identity = labelIdentity(Object.entries(labels));
    let series = this.stored(identity);
    if (series === undefined) {
      const text = seriesText(labels);
      const ruling = this.rulingOf(labels);
      const cell = this.takeFromCalls(labels) ?? createCell(ruling);
      // Equal strings are stored once, to save memory.
      const own = text === identity ? identity : text;
      series = new StoredSeries<T>(own, cell, declaredBy);
      (ruling?.isExcluded === true ? this.withheld : this.index).set(identity, series);
      for (const name in labels) this.storedNames.add(name);
      this.groups = null;
    }
    return series;
  }

  private takeFromCalls(labels: Labels): CellOf[T] | undefined {
    for (const variable of this.variablesWith(labels)) {
      const found = variable.seriesOf(labels);
      if (found === undefined) continue;
      variable.disown(found.cell);
      return found.cell;
    }
    return undefined;
  }

  /**
   * The series with these constant labels and with labels that depend on the call.
   *
   * @param index where the writer finds the cells. The series are stored in that of the first one.
   */
  variable(
    constant: Labels,
    names: readonly string[],
    declaredBy: Located,
    index: CellIndex<CellOf[T]>,
  ): VariableSeries<T> {
    const own = Object.fromEntries(
      Object.entries(constant)
        .filter(([name]) => !names.includes(name))
        .map(([name, value]) => [name, value.toWellFormed()]),
    );
    const key = JSON.stringify([labelIdentity(Object.entries(own)), ...names]);
    let variable = this.variables.get(key);
    if (variable === undefined) {
      variable = new VariableSeries<T>(own, names, declaredBy, index);
      variable.isWithheld = this.excludes(own);
      this.variables.set(key, variable);
      this.variablesByMethod.set(methodIdentity(own), [...this.variablesWith(own), variable]);
    } else variable.join(index);
    return variable;
  }

  /** The variable series of the service and method that these labels name. */
  private variablesWith(labels: Labels): readonly VariableSeries<T>[] {
    return this.variablesByMethod.get(methodIdentity(labels)) ?? [];
  }

  /** The cell of a call, also one that is shown as a series of another declaration. */
  cellOfCall(variable: VariableSeries<T>, values: readonly string[]): CellOf[T] | undefined {
    const known = variable.find(values);
    if (known !== undefined) return known;
    const cell = this.find(variable.labelsOf(values))?.cell;
    if (cell !== undefined) variable.share(values, cell);
    return cell;
  }

  /** Shows a new cell. */
  addOfCall(variable: VariableSeries<T>, values: readonly string[], cell: CellOf[T]): CellOf[T] {
    variable.add(values, cell);
    this.groups = null;
    return cell;
  }

  /** Whether calls can create series, which can expire. */
  get canExpire(): boolean {
    return this.variables.size > 0;
  }

  /**
   * Sweeps over the series that depend on calls, and removes those that are idle. Yields after each series, with the series
   * if it was shown and is removed. A series that rules sum with others stays, because the sum must not fall.
   *
   * @param previous the `cellTime` at which the sweep before began
   */
  *expire(previous: number): Generator<Series<T> | null, void, void> {
    for (const variable of this.variables.values()) {
      for (const idle of variable.findIdle(previous)) {
        const series = idle && this.removeIdle(variable, ...idle);
        yield variable.isWithheld ? null : series;
      }
    }
  }

  private removeIdle(
    variable: VariableSeries<T>,
    values: readonly string[],
    cell: CellOf[T],
  ): Series<T> | null {
    // If a call created the series again, a reader that has passed it would see it a second time.
    if (this.isBeingRead()) return null;
    const series = variable.member(values, cell);
    if (this.isSummed(series)) return null;
    variable.delete(values, cell);
    for (const other of this.variablesWith(series.labels)) other.deleteShared(series);
    this.groups = null;
    if (this.type === 'histogram') (cell as HistogramCell).release();
    return series;
  }

  /** Whether readers may see the series in a sum: a rule drops a label that it, or another series of its method, can have. */
  private isSummed({ labels }: Series<T>): boolean {
    if (!this.shared.policy.mayDrop(this.baseName)) return false;
    const dropped = this.rulingOf(labels)?.dropped ?? [];
    const variables = this.variablesWith(labels);
    return dropped.some(
      (name) => this.storedNames.has(name) || variables.some((variable) => variable.hasLabel(name)),
    );
  }

  /** Forgets what sweeps have seen. */
  forgetSweeps(): void {
    for (const variable of this.variables.values()) variable.forgetSweeps();
  }

  /** Removes a stored series. Its cell stays, as a series of the calls that have found it, if there are any. */
  remove(series: Series<T>): void {
    const identity = labelIdentityOfText(series.text);
    this.index.delete(identity);
    this.withheld.delete(identity);
    this.groups = null;
    for (const variable of this.variablesWith(series.labels)) {
      if (variable.takeBack(series.cell)) return;
    }
    if (this.type === 'histogram') (series.cell as HistogramCell).release();
  }

  /** Shows and withholds series as the rules say now. A series that is shown again starts at 0. */
  applyPolicy(): void {
    this.groups = null;
    const shownAgain = [...this.withheld].filter(([, { labels }]) => !this.excludes(labels));
    for (const [identity, series] of this.index) {
      if (!this.excludes(series.labels)) continue;
      this.index.delete(identity);
      this.withheld.set(identity, series);
    }
    for (const [identity, series] of shownAgain) {
      this.withheld.delete(identity);
      series.cell.reset();
      this.index.set(identity, series);
    }
    for (const variable of this.variables.values()) {
      const wasWithheld = variable.isWithheld;
      variable.isWithheld = this.excludes(variable.constant);
      if (wasWithheld && !variable.isWithheld) variable.reset();
    }
  }

  /**
   * Returns every sample in the form of the client library's own metrics, with the default labels of this package. The
   * registry can lose these, because setting its default labels replaces all of them.
   */
  get(): MetricValues {
    const values: Sample[] = [];
    const { defaultLabels, labelNames } = this.shared;
    for (const series of this.shown()) {
      const own = labelNames.inLabels(series.labels);
      const labels = { ...own, ...defaultLabels, ...own };
      addSamples(values, this.registeredName, this.type, labels, series);
    }
    return {
      name: this.name,
      help: this.help,
      type: this.type,
      aggregator: this.aggregator,
      values,
    };
  }

  /** Sets every series to 0. */
  reset(): void {
    for (const series of this.all()) series.cell.reset();
  }
}

function methodIdentity(labels: Labels): string {
  const { service, method } = LABEL;
  return labelIdentity([service, method].map((name) => [name, labels[name] ?? '']));
}

function addSamples(
  values: Sample[],
  name: string,
  type: CellType,
  labels: Labels,
  series: Series,
): void {
  if (type === 'histogram') {
    const cell = series.cell as HistogramCell;
    const metricName = `${name}_bucket`;
    let cumulative = 0;
    cell.bounds.forEach((le, i) => {
      cumulative += cell.countAt(i);
      values.push({ metricName, labels: { le, ...labels }, value: cumulative });
    });
    const count = cell.count();
    values.push({ metricName, labels: { le: '+Inf', ...labels }, value: count });
    addSumAndCount(values, name, labels, cell.sum, count);
  } else if (type === 'summary') {
    const cell = series.cell as SummaryCell;
    cell.values().forEach((value, i) => {
      values.push({ labels: { quantile: cell.quantiles[i] as number, ...labels }, value });
    });
    addSumAndCount(values, name, labels, cell.sum, cell.count);
  } else {
    values.push({ labels: { ...labels }, value: (series.cell as CounterCell | GaugeCell).read() });
  }
}

function addSumAndCount(
  values: Sample[],
  name: string,
  labels: Labels,
  sum: number,
  count: number,
): void {
  values.push({ metricName: `${name}_sum`, labels: { ...labels }, value: sum });
  values.push({ metricName: `${name}_count`, labels: { ...labels }, value: count });
}
