import type { CatalogueEntry } from '../catalogue';
import type { CellOf } from '../metrics/family';
import type { Labels } from '../metrics/label-text';
import { builtInFamily, createCell, type BuiltInType } from './built-in-series';
import { PACKAGE } from './families';
import { seriesOfCall } from './series-limit';

/** The cell of a built-in metric whose `variable` labels a call decides: past `maxSeriesPerMetric` they are `_other`. */
export function boundedCell<T extends BuiltInType>(
  entry: CatalogueEntry & { type: T },
  constant: Labels,
  variable: Labels,
): { cell: CellOf[T]; kept: boolean } {
  return seriesOfCall(builtInFamily(entry), constant, variable, PACKAGE, () => createCell(entry));
}
