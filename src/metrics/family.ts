import type { CounterCell, GaugeCell } from './cell';
import type { LabelNames } from './label-names';
import { labelIdentity, labelIdentityOfText, type Labels, seriesText } from './labels';
import type { MetricValues, RegistryMetric, Sample } from './registry-metric';
import { type Aggregator, type CellOf, type CellType, type Located, Series } from './family-series';
import type { HistogramCell } from './histogram-cell';
import type { Ruling, SeriesPolicy } from './series-policy';
import { groupByShownLabels, type SeriesGroup, sumsOf } from './shown-series';
import type { SummaryCell } from './summary-cell';

export { type Aggregator, type CellOf, type CellType, type Located, Series } from './family-series';

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
  private readonly index = new Map<string, Series<T>>();
  /** Series that a rule excludes. Calls may still write to their cells. */
  private readonly withheld = new Map<string, Series<T>>();
  /** The series by the labels that readers see. Null until they are read, and after they have changed. */
  private groups: SeriesGroup<T>[] | null = null;

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
    return this.index.size;
  }

  series(): IterableIterator<Series<T>> {
    return this.index.values();
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
  }

  /** Whether a rule excludes the series with these labels. */
  excludes(labels: Labels): boolean {
    return this.rulingOf(labels)?.isExcluded === true;
  }

  rulingOf(labels: Labels): Ruling | null {
    return this.shared.policy.rulingOf(this.baseName, labels);
  }

  find(labels: Labels): Series<T> | undefined {
    const identity = labelIdentity(Object.entries(labels));
    return this.index.get(identity) ?? this.withheld.get(identity);
  }

  /** Finds the series with these labels, or creates it with a new cell. `createCell` gets what the rules say about it. */
  findOrCreate(
    labels: Labels,
    declaredBy: Located,
    createCell: (ruling: Ruling | null) => CellOf[T],
  ): Series<T> {
    const identity = labelIdentity(Object.entries(labels));
    let series = this.index.get(identity) ?? this.withheld.get(identity);
    if (series === undefined) {
      const text = seriesText(labels);
      const ruling = this.rulingOf(labels);
      // Equal strings are stored once, to save memory.
      const own = text === identity ? identity : text;
      series = new Series<T>(own, createCell(ruling), declaredBy);
      (ruling?.isExcluded === true ? this.withheld : this.index).set(identity, series);
      this.groups = null;
    }
    return series;
  }

  remove(series: Series<T>): void {
    if (this.type === 'histogram') (series.cell as HistogramCell).release();
    const identity = labelIdentityOfText(series.text);
    this.index.delete(identity);
    this.withheld.delete(identity);
    this.groups = null;
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
