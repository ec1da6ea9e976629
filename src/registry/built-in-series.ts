import type { CatalogueEntry } from '../catalogue';
import { AgeCell } from '../metrics/age-cell';
import { CounterCell } from '../metrics/counter-cell';
import type { CellOf, Family, Series } from '../metrics/family';
import { GaugeCell } from '../metrics/gauge-cell';
import { HistogramCell } from '../metrics/histogram-cell';
import type { Labels } from '../metrics/label-text';
import { ensureBuiltIns, ensureFamily, PACKAGE } from './families';
import { addNativeBuckets } from './native-histograms';
import { state } from './state';

export type BuiltInType = 'counter' | 'gauge' | 'histogram';

/** The family of a built-in metric, registered if it was not. */
export function builtInFamily<T extends BuiltInType>(
  entry: CatalogueEntry & { type: T },
): Family<T> {
  ensureBuiltIns();
  return ensureFamily(entry.name, entry.type, entry.help, PACKAGE, entry.aggregator);
}

/** The one series of a built-in metric with these labels, made with a cell at 0 if there is none. */
export function builtInSeries<T extends BuiltInType>(
  entry: CatalogueEntry & { type: T },
  labels: Labels,
  create: () => CellOf[T] = () => createCell(entry),
): Series<T> {
  return builtInFamily(entry).findOrCreate(labels, PACKAGE, create);
}

/** A series whose value is the age of the oldest of what its sources hold. */
export function ageSeries(
  entry: CatalogueEntry & { type: 'gauge' },
  labels: Labels,
): Series<'gauge'> & { readonly cell: AgeCell } {
  const series = builtInSeries(entry, labels, () => new AgeCell());
  return series as Series<'gauge'> & { readonly cell: AgeCell };
}

/** A cell at 0, of the kind that the metric has. */
export function createCell<T extends BuiltInType>(entry: CatalogueEntry & { type: T }): CellOf[T] {
  const cell = createCellOfType(entry);
  return cell as CellOf[T];
}

function createCellOfType({ type, buckets }: CatalogueEntry): CellOf[BuiltInType] {
  if (type === 'counter') return new CounterCell();
  if (type === 'gauge') return new GaugeCell();
  const cell = new HistogramCell(buckets ?? state.settings.buckets);
  addNativeBuckets(cell, null);
  return cell;
}
