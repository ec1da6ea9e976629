import {
  type CellOf,
  type CellType,
  type FamilyView,
  type Series,
  StoredSeries,
} from '../../src/metrics/family';
import { labelText } from '../../src/metrics/labels';

/** A series with these labels, in their order. */
export function buildSeries<T extends CellType>(
  labels: Readonly<Record<string, string>>,
  cell: CellOf[T],
): Series<T> {
  return new StoredSeries<T>(labelText(labels), cell, { location: 'a test' });
}

/** A family as writers see it. */
export function buildFamily<T extends CellType>(
  registeredName: string,
  type: T,
  series: readonly Series<T>[],
  help = 'Help.',
): FamilyView<T> {
  const { length: size } = series;
  return { registeredName, type, help, aggregator: 'sum', size, shown: () => series };
}
