import type { CounterCell, GaugeCell, HistogramCell } from './cell';
import { canonicalLabels, type Labels, labelText, parseLabelText, seriesIdentity } from './labels';
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

/** Something with a place in the program, such as `CalculatorHandler.add`. Read when needed: a class may get its name late. */
export interface Located {
  readonly location: string;
}

/** One series of a family. There may be many: it keeps no more than it must. */
export class Series<T extends CellType = CellType> {
  /** Number of declarations that hold the cell; 0 for series that calls created. */
  holders: number;

  constructor(
    /** The labels as they stand between the braces of a text line. */
    readonly text: string,
    readonly cell: CellOf[T],
    /** Who declared it first, for error messages. */
    readonly declaredBy: Located,
  ) {
    this.holders = 0;
  }

  /** Read from the text, anew each time. */
  get labels(): Labels {
    return parseLabelText(this.text);
  }

  hasLabel(name: string): boolean {
    // Within a value a quote has a backslash before it.
    return this.text.startsWith(`${name}="`) || this.text.includes(`,${name}="`);
  }
}

/** How the values of several processes are put together. */
export type Aggregator = 'sum' | 'max';

/** What a writer reads of a family. */
export interface FamilyView<T extends CellType = CellType> {
  readonly registeredName: string;
  readonly type: T;
  readonly help: string;
  readonly aggregator: Aggregator;
  /** How many series there are. */
  readonly size: number;
  series(): Iterable<Series<T>>;
}

/**
 * All series of one metric name. Calls write into the cells; the registry of the client library, in which this object
 * stands as a metric, only reads them when it is scraped. `name`, `get` and `reset` are that library's own contract.
 */
export class Family<T extends CellType = CellType> implements RegistryMetric, FamilyView<T> {
  /** What the registry knows it by. The client library's OpenMetrics mode takes `_total` off it while it renders. */
  name: string;
  private readonly index = new Map<string, Series<T>>();

  constructor(
    /** The name it has in the registry, prefix included. */
    public registeredName: string,
    /** The name it was declared with. */
    readonly baseName: string,
    readonly type: T,
    readonly help: string,
    /** Who declared it first, for error messages. */
    readonly declaredBy: Located,
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
    return this.index.get(seriesIdentity(canonicalLabels(labels)));
  }

  /** The series with these labels; made with the given cell if there is none. */
  findOrCreate(labels: Labels, declaredBy: Located, createCell: () => CellOf[T]): Series<T> {
    const canonical = canonicalLabels(labels);
    const identity = seriesIdentity(canonical);
    let series = this.index.get(identity);
    if (series === undefined) {
      const text = labelText(canonical);
      // One string for both wherever it can be.
      series = new Series<T>(text === identity ? identity : text, createCell(), declaredBy);
      this.index.set(identity, series);
    }
    return series;
  }

  remove(series: Series<T>): void {
    this.index.delete(seriesIdentity(series.labels));
  }

  /** Every sample, in the form that the client library's own metrics return. */
  get(): MetricValues {
    const values: Sample[] = [];
    for (const series of this.index.values()) {
      addSamples(values, this.registeredName, this.type, series);
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

function addSamples(values: Sample[], name: string, type: CellType, series: Series): void {
  const { labels } = series;
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
