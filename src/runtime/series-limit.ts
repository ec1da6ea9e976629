import { CATALOGUE, type CatalogueEntry } from '../metrics/catalogue';
import type { CellType, CellOf, Family, Located } from '../metrics/family';
import type { Labels } from '../metrics/labels';
import type { Ruling } from '../metrics/series-policy';
import { ThriftMetricsError } from '../validation/errors';
import { PACKAGE, type BuiltInType, type Families } from './families';
import type { Faults } from './faults';
import type { Settings } from './settings';

/** The value of each variable label in the series that new label combinations share. */
export const OTHER = '_other';

/** Limits the number of series of families whose label values come from calls. */
export class SeriesLimit {
  /** The cell that the excluded series of each histogram share. */
  private readonly unseen = new Map<object, CellOf[CellType]>();

  constructor(
    private readonly settings: Settings,
    private readonly families: Families,
    private readonly faults: Faults,
  ) {}

  /**
   * Finds or creates the cell for a label combination of a call. Above `maxSeriesPerMetric`, new combinations share one
   * series in which every label of `variable` is `_other`. Callers must not cache that cell (`kept` is false), because a
   * cache of such combinations would grow without limit.
   */
  cellOf<T extends CellType>(
    family: Family<T>,
    constant: Labels,
    variable: Labels,
    declaredBy: Located,
    createCell: (ruling: Ruling | null) => CellOf[T],
  ): { cell: CellOf[T]; kept: boolean } {
    const labels = { ...constant, ...variable };
    // Excluded series are not kept, because nothing bounds their number.
    if (family.excludes(labels)) return { cell: this.unseenOf(family, createCell), kept: false };
    const existing = family.find(labels);
    if (existing !== undefined) return { cell: existing.cell, kept: true };
    const { maxSeriesPerMetric: limit, policy } = this.settings;
    const maxSeriesPerMetric = policy.maxSeriesOf(family.baseName) ?? limit;
    if (family.size < maxSeriesPerMetric) {
      return { cell: family.findOrCreate(labels, declaredBy, createCell).cell, kept: true };
    }
    this.countDropped(family);
    this.faults.warnOnce(
      `series limit of ${family.baseName}`,
      new ThriftMetricsError(
        'TM_ERR_SERIES_LIMIT',
        `Metric '${family.registeredName}' has ${family.size} series, and maxSeriesPerMetric allows ${maxSeriesPerMetric}. ` +
          `New label combinations (the first one is of ${declaredBy.location}) are counted in one series with the value '${OTHER}'. ` +
          'Use fewer label values, or raise maxSeriesPerMetric.',
      ),
    );
    const shared: Record<string, string> = { ...constant };
    for (const name in variable) shared[name] = OTHER;
    return { cell: family.findOrCreate(shared, declaredBy, createCell).cell, kept: false };
  }

  /** The cell of an excluded series. Histograms share one, because one for each call would fill slabs. Nothing reads it. */
  private unseenOf<T extends CellType>(
    family: Family<T>,
    createCell: (ruling: Ruling | null) => CellOf[T],
  ): CellOf[T] {
    if (family.type !== 'histogram') return createCell(null);
    let cell = this.unseen.get(family) as CellOf[T] | undefined;
    if (cell === undefined) this.unseen.set(family, (cell = createCell(null)));
    return cell;
  }

  /** Runs during a call, so a registry that fails must not reach the call. */
  private countDropped({ registeredName }: Family): void {
    try {
      this.families.count(CATALOGUE.droppedSeries, { metric: registeredName });
    } catch (fault) {
      this.faults.report(`series limit of ${registeredName}`, fault);
    }
  }

  /** Finds or creates the cell of a built-in metric, like {@link cellOf}. */
  builtInCellOf<T extends BuiltInType>(
    entry: CatalogueEntry & { type: T },
    constant: Labels,
    variable: Labels,
  ): { cell: CellOf[T]; kept: boolean } {
    const { families } = this;
    const createCell = (ruling: Ruling | null): CellOf[T] => families.createCell(entry, ruling);
    return this.cellOf(families.builtInOfCall(entry), constant, variable, PACKAGE, createCell);
  }
}
