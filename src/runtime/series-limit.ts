import { CATALOGUE, type CatalogueEntry } from '../metrics/catalogue';
import type { CellType, CellOf, Family } from '../metrics/family';
import type { Ruling } from '../metrics/series-policy';
import { OTHER, type VariableSeries } from '../metrics/variable-series';
import { ThriftMetricsError } from '../validation/errors';
import type { BuiltInType, Families } from './families';
import type { Faults } from './faults';
import type { Settings } from './settings';

/** Limits the number of series of families whose label values come from calls. */
export class SeriesLimit {
  constructor(
    private readonly settings: Settings,
    private readonly families: Families,
    private readonly faults: Faults,
  ) {}

  /**
   * Finds or creates the cell for the label values of a call. Above `maxSeriesPerMetric`, new combinations share one series
   * in which every label that depends on the call is `_other`. Callers must not cache that cell (`kept` is false), because a
   * cache of such combinations would grow without limit.
   */
  cellOf<T extends CellType>(
    family: Family<T>,
    variable: VariableSeries<T>,
    given: readonly string[],
    createCell: (ruling: Ruling | null) => CellOf[T],
  ): { cell: CellOf[T]; kept: boolean } {
    if (family.excludes(variable.constant)) {
      const create = (): CellOf[T] => createCell(null);
      // Nothing reads the cell. Histograms share one, because each takes a row of a slab. Counters do not, because a counter
      // keeps what the last error said.
      const isShared = family.type === 'histogram';
      return { cell: isShared ? variable.absorbingCell(create) : create(), kept: false };
    }
    const values = given.map((value) => value.toWellFormed());
    // Several values that are not well-formed can lead to one series, so calls must not find it by such a value.
    const kept = values.every((value, i) => value === given[i]);
    const existing = family.cellOfCall(variable, values);
    if (existing !== undefined) return { cell: existing, kept };
    const create = (): CellOf[T] => createCell(family.rulingOf(variable.constant));
    const { maxSeriesPerMetric: limit, policy } = this.settings;
    const maxSeriesPerMetric = policy.maxSeriesOf(family.baseName) ?? limit;
    const { size } = family;
    if (size < maxSeriesPerMetric) {
      return { cell: family.addOfCall(variable, values, create()), kept };
    }
    this.countDropped(family);
    this.faults.warnOnce(
      `series limit of ${family.baseName}`,
      new ThriftMetricsError(
        'TM_ERR_SERIES_LIMIT',
        `Metric '${family.registeredName}' has ${size} series, and maxSeriesPerMetric allows ${maxSeriesPerMetric}. ` +
          `New label combinations (the first one is of ${variable.declaredBy.location}) are counted in one series with the value '${OTHER}'. ` +
          'Use fewer label values, or raise maxSeriesPerMetric.',
      ),
    );
    const others = values.map(() => OTHER);
    const shared = family.cellOfCall(variable, others);
    return { cell: shared ?? family.addOfCall(variable, others, create()), kept: false };
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
    variable: VariableSeries<T>,
    values: readonly string[],
  ): { cell: CellOf[T]; kept: boolean } {
    const { families } = this;
    const createCell = (ruling: Ruling | null): CellOf[T] => families.createCell(entry, ruling);
    return this.cellOf(families.builtInOfCall(entry), variable, values, createCell);
  }
}
