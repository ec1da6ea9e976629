import type { CellType, CellOf, Declarer, Family } from '../metrics/family';
import { CATALOGUE } from '../metrics/catalogue';
import { ThriftMetricsError } from '../validation/errors';
import type { Labels } from '../metrics/labels';
import { builtInSeries } from './families';
import { warnOnce } from './faults';
import { state } from './runtime';

/** What stands in place of each variable label once a family is full. */
const OTHER = '_other';

/**
 * The cell of a label combination that a call brought up. Past `maxSeriesPerMetric` a new combination shares one series
 * in which each label of `variable` is `_other`; that is not `kept` by the caller, so that memory stays bounded.
 */
export function seriesOfCall<T extends CellType>(
  family: Family<T>,
  constant: Labels,
  variable: Labels,
  declarer: Declarer,
  createCell: () => CellOf[T],
): { cell: CellOf[T]; kept: boolean } {
  const labels = { ...constant, ...variable };
  const existing = family.find(labels);
  if (existing !== undefined) return { cell: existing.cell, kept: true };
  const { maxSeriesPerMetric } = state.settings;
  if (family.size < maxSeriesPerMetric) {
    return { cell: family.findOrCreate(labels, declarer, createCell).cell, kept: true };
  }
  builtInSeries(CATALOGUE.droppedSeries, { metric: family.registeredName }).cell.value++;
  warnOnce(
    `series limit of ${family.baseName}`,
    new ThriftMetricsError(
      'TM_ERR_SERIES_LIMIT',
      `metric '${family.registeredName}' has ${family.size} series, and ${maxSeriesPerMetric} are allowed (maxSeriesPerMetric): ` +
        `new label combinations, first at ${declarer.place}, go to one series with the value ${OTHER}`,
    ),
  );
  const shared: Record<string, string> = { ...constant };
  for (const name in variable) shared[name] = OTHER;
  return { cell: family.findOrCreate(shared, declarer, createCell).cell, kept: false };
}
