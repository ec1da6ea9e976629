import { CounterCell, GaugeCell } from './cell';
import { newerSample } from './error-sample';
import { newerExemplar } from './exemplar';
import { labelIdentity, type Labels, seriesText } from './labels';
import { mergeHistograms } from './merge';
import { NativeBuckets } from './native-buckets';
import {
  type Aggregator,
  type CellOf,
  type CellType,
  type Located,
  type Series,
  StoredSeries,
} from './family-series';
import type { HistogramCell } from './histogram-cell';
import { HistogramStore } from './histogram-store';
import { SummaryCell } from './summary-cell';

type Cell = CellOf[CellType];

const SUM: Located = { location: 'a rule that drops a label' };

/** Series that differ only in labels that rules drop. */
export interface SeriesGroup<T extends CellType> {
  /** The labels that are left, as a label text. */
  readonly text: string;
  readonly members: Series<T>[];
}

/** Groups series by the labels that the rules leave. */
export function groupByShownLabels<T extends CellType>(
  series: Iterable<Series<T>>,
  labelsOf: (series: Series<T>) => Labels,
): SeriesGroup<T>[] {
  const groups = new Map<string, SeriesGroup<T>>();
  for (const each of series) {
    const labels = labelsOf(each);
    const identity = labelIdentity(Object.entries(labels));
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, { text: seriesText(labels), members: [each] });
    else group.members.push(each);
  }
  return [...groups.values()];
}

/** Sums groups one after the other, so that a writer can yield between them. The cells that calls write to stay as they are. */
export function* sumsOf<T extends CellType>(
  type: T,
  aggregator: Aggregator,
  groups: Iterable<SeriesGroup<T>>,
): Generator<Series<T>> {
  const store = new HistogramStore();
  for (const { text, members } of groups) {
    const [first] = members as [Series<T>];
    if (members.length > 1) {
      const cells = members.map(({ cell }) => cell);
      yield new StoredSeries(text, sumOf(type, aggregator, cells, store) as CellOf[T], SUM);
    } else if (first.text === text) yield first;
    else yield new StoredSeries(text, first.cell, SUM);
  }
}

function sumOf(
  type: CellType,
  aggregator: Aggregator,
  cells: readonly Cell[],
  store: HistogramStore,
): Cell {
  switch (type) {
    case 'counter':
      return sumOfCounters(cells as readonly CounterCell[]);
    case 'gauge':
      return sumOfGauges(cells as readonly GaugeCell[], aggregator);
    case 'histogram':
      return sumOfHistograms(cells as readonly HistogramCell[], store);
    default:
      return sumOfSummaries(cells as readonly SummaryCell[]);
  }
}

function sumOfCounters(cells: readonly CounterCell[]): CounterCell {
  const sum = new CounterCell();
  for (const cell of cells) {
    sum.value += cell.read();
    sum.startedAt = Math.min(sum.startedAt, cell.startedAt);
    sum.exemplar = newerExemplar(sum.exemplar, cell.exemplar);
    sum.sample = newerSample(sum.sample, cell.sample);
  }
  return sum;
}

function sumOfGauges(cells: readonly GaugeCell[], aggregator: Aggregator): GaugeCell {
  const sum = new GaugeCell();
  for (const cell of cells) {
    const value = cell.read();
    sum.value = aggregator === 'max' ? Math.max(sum.value, value) : sum.value + value;
  }
  return sum;
}

function sumOfHistograms(cells: readonly HistogramCell[], store: HistogramStore): HistogramCell {
  const [first, ...others] = cells as [HistogramCell, ...HistogramCell[]];
  const sum = copyHistogram(first, store);
  for (const other of others) mergeHistograms(sum, copyHistogram(other, store), store);
  return sum;
}

/** Merging changes both histograms. */
function copyHistogram(cell: HistogramCell, store: HistogramStore): HistogramCell {
  const { shape, errorTypes } = cell;
  const copy = store.create(shape);
  copy.setBuckets(shape, cell.counts());
  copy.sum = cell.sum;
  copy.startedAt = cell.startedAt;
  copy.native = cell.native === null ? null : copyNative(cell.native);
  copy.exemplars = cell.exemplars === null ? null : cell.exemplars.slice();
  if (errorTypes !== null) {
    copy.errorTypes = new Map(
      [...errorTypes].map(([type, part]) => [type, copyHistogram(part, store)]),
    );
  }
  return copy;
}

function copyNative(native: NativeBuckets): NativeBuckets {
  const copy = new NativeBuckets(native.schema, native.maxBuckets);
  copy.merge(native);
  return copy;
}

function sumOfSummaries(cells: readonly SummaryCell[]): SummaryCell {
  const [first] = cells as [SummaryCell];
  const sum = SummaryCell.of(first.quantiles, first.count, first.sum, first.window());
  sum.startedAt = first.startedAt;
  for (const cell of cells.slice(1)) sum.merge(cell);
  return sum;
}
