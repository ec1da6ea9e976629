import type { CounterCell, GaugeCell, HistogramCell } from './cell';
import type { LabelNames } from './label-names';
import {
  labelIdentity,
  labelIdentityOfText,
  type Labels,
  parseLabelText,
  seriesText,
} from './labels';
import type { MetricValues, RegistryMetric, Sample } from './registry-metric';
import type { SummaryCell } from './summary-cell';

/** The cell of each metric type. */
export interface CellOf {
  counter: CounterCell;
  gauge: GaugeCell;
  histogram: HistogramCell;
  summary: SummaryCell;
}

export type CellType = keyof CellOf;

/** Something that is declared at a location in the program, such as `CalculatorHandler.add`. */
export interface Located {
  /** Read only when it is needed, because a class may get its name after the declaration. */
  readonly location: string;
}

/** One series of a family. It stores little, because a process can have many series. */
export class Series<T extends CellType = CellType> {
  /** Number of declarations that write to the cell. It is 0 for a series that a call created. */
  references: number;

  constructor(
    /** The labels as a text line shows them between its braces. */
    readonly text: string,
    readonly cell: CellOf[T],
    /** The first declaration of the series, for error messages. */
    readonly declaredBy: Located,
  ) {
    this.references = 0;
  }

  /** Parses the text on every read. */
  get labels(): Labels {
    return parseLabelText(this.text);
  }
}

/** The settings that every family reads. */
export interface SharedSettings {
  readonly defaultLabels: Labels;
  readonly labelNames: LabelNames;
}

/** How the values of several processes are combined. */
export type Aggregator = 'sum' | 'max';

/** The part of a family that writers read. */
export interface FamilyView<T extends CellType = CellType> {
  readonly registeredName: string;
  readonly type: T;
  readonly help: string;
  readonly aggregator: Aggregator;
  /** Number of series. */
  readonly size: number;
  series(): Iterable<Series<T>>;
}

/**
 * All series of one metric name. Calls write to the cells. A family is also a metric in the registry of the client library,
 * which reads the cells when it is scraped; `name`, `get` and `reset` are that library's contract.
 */
export class Family<T extends CellType = CellType> implements RegistryMetric, FamilyView<T> {
  /** The name for the registry. In OpenMetrics mode the client library removes `_total` from it while it renders. */
  name: string;
  private readonly index = new Map<string, Series<T>>();

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

  find(labels: Labels): Series<T> | undefined {
    return this.index.get(labelIdentity(Object.entries(labels)));
  }

  /** Finds the series with these labels, or creates it with a new cell. */
  findOrCreate(labels: Labels, declaredBy: Located, createCell: () => CellOf[T]): Series<T> {
    const identity = labelIdentity(Object.entries(labels));
    let series = this.index.get(identity);
    if (series === undefined) {
      const text = seriesText(labels);
      // Equal strings are stored once, to save memory.
      series = new Series<T>(text === identity ? identity : text, createCell(), declaredBy);
      this.index.set(identity, series);
    }
    return series;
  }

  remove(series: Series<T>): void {
    this.index.delete(labelIdentityOfText(series.text));
  }

  /**
   * Returns every sample in the form of the client library's own metrics, with the default labels of this package. The
   * registry can lose these, because setting its default labels replaces all of them.
   */
  get(): MetricValues {
    const values: Sample[] = [];
    const { defaultLabels, labelNames } = this.shared;
    for (const series of this.index.values()) {
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
    for (const series of this.index.values()) series.cell.reset();
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
      cumulative += cell.counts[i] as number;
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
