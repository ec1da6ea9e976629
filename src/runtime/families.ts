import { CATALOGUE, type CatalogueEntry } from '../metrics/catalogue';
import { AgeCell, CounterCell, GaugeCell, HistogramCell } from '../metrics/cell';
import {
  type Aggregator,
  type CellOf,
  type CellType,
  type Declarer,
  Family,
  type Series,
} from '../metrics/family';
import type { Labels } from '../metrics/labels';
import { NativeBuckets } from '../metrics/native-buckets';
import { ThriftMetricsError } from '../validation/errors';
import { applyDefaultLabels, currentRegistry, type MetricsRegistry } from './registry';
import { state } from './runtime';
import { seriesOfCall } from './series-limit';
import { DEFAULT_NATIVE_HISTOGRAMS, type NativeHistogramSettings } from './settings';

/** Where the metrics about metrics are declared. */
export const PACKAGE: Declarer = { place: 'thrift-metrics' };

/** The family of a name: the one that exists, or a new one in the registry. */
export function ensureFamily<T extends CellType>(
  name: string,
  type: T,
  help: string,
  declarer: Declarer,
  aggregator?: Aggregator,
): Family<T> {
  const existing = state.families.get(name);
  if (existing !== undefined) {
    if (existing.type !== type) {
      throw new ThriftMetricsError(
        'TM_ERR_TYPE_CONFLICT',
        `${declarer.place}: metric '${name}' is declared as a ${type}, but ${existing.declaredBy.place} declared it as a ${existing.type}; give one of them another name`,
      );
    }
    restoreFamilies();
    return existing as Family<T>;
  }
  checkSampleNames(name, type, declarer);
  checkNameIsFree(currentRegistry(), state.settings.prefix + name, declarer);
  ensureBuiltIns();
  restoreFamilies();
  return register(name, type, help, declarer, aggregator);
}

/** Registers the metrics about metrics, which stand beside every other. */
export function ensureBuiltIns(): void {
  for (const { name, type, help } of [CATALOGUE.internalErrors, CATALOGUE.droppedSeries]) {
    if (state.families.has(name)) continue;
    checkNameIsFree(currentRegistry(), state.settings.prefix + name, PACKAGE);
    register(name, type, help, PACKAGE);
  }
}

function register<T extends CellType>(
  name: string,
  type: T,
  help: string,
  declarer: Declarer,
  aggregator?: Aggregator,
): Family<T> {
  const family = new Family(state.settings.prefix + name, name, type, help, declarer, aggregator);
  currentRegistry().registerMetric(family);
  state.families.set(name, family);
  return family;
}

export function checkNameIsFree(registry: MetricsRegistry, name: string, declarer: Declarer): void {
  const found: unknown = registry.getSingleMetric(name);
  if (found !== undefined && !isOurs(found)) {
    throw new ThriftMetricsError(
      'TM_ERR_NAME_TAKEN',
      `${declarer.place}: the registry already holds a metric '${name}' that is not of this package; choose another name or a prefix`,
    );
  }
}

export function detach(registry: MetricsRegistry, family: Family): void {
  // Only our own: the name may be another's after the registry was cleared.
  if (registry.getSingleMetric(family.registeredName) === family) {
    registry.removeSingleMetric(family.registeredName);
  }
}

/**
 * Puts the families back into a registry that was cleared, which is one that holds none of them. A family that was
 * removed by its name alone stays out.
 *
 * @returns whether there was anything to restore
 */
export function restoreFamilies(): boolean {
  const { families } = state;
  if (families.size === 0) return false;
  const registry = currentRegistry();
  for (const family of families.values()) {
    if (registry.getSingleMetric(family.registeredName) === family) return false;
  }
  for (const family of families.values()) {
    if (registry.getSingleMetric(family.registeredName) === undefined)
      registry.registerMetric(family);
  }
  for (const metric of state.processMetrics) {
    if (registry.getSingleMetric(metric.name) === undefined) registry.registerMetric(metric);
  }
  applyDefaultLabels(registry, state.settings.defaultLabels);
  return true;
}

function isOurs(metric: unknown): boolean {
  for (const family of state.families.values()) if (family === metric) return true;
  return false;
}

const SAMPLE_SUFFIXES: Record<CellType, readonly string[]> = {
  // OpenMetrics writes a counter's family without `_total`, so a counter occupies both names.
  counter: ['', '_total'],
  gauge: [''],
  histogram: ['', '_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Refuses a name whose samples could be taken for another family's. */
function checkSampleNames(name: string, type: CellType, declarer: Declarer): void {
  const names = sampleNames(name, type);
  for (const family of state.families.values()) {
    const clash = sampleNames(family.baseName, family.type).find((other) => names.includes(other));
    if (clash !== undefined) {
      throw new ThriftMetricsError(
        'TM_ERR_TYPE_CONFLICT',
        `${declarer.place}: ${type} '${name}' and ${family.type} '${family.baseName}' of ${family.declaredBy.place} would both write '${clash}'; choose another name`,
      );
    }
  }
}

function sampleNames(name: string, type: CellType): string[] {
  const base = type === 'counter' ? name.replace(/_total$/, '') : name;
  return SAMPLE_SUFFIXES[type].map((suffix) => base + suffix);
}

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

/** The cell of a built-in metric whose `variable` labels a call decides: past `maxSeriesPerMetric` they are `_other`. */
export function boundedCell<T extends BuiltInType>(
  entry: CatalogueEntry & { type: T },
  constant: Labels,
  variable: Labels,
): { cell: CellOf[T]; kept: boolean } {
  return seriesOfCall(builtInFamily(entry), constant, variable, PACKAGE, () => createCell(entry));
}

/** Cells whose decorator says for itself whether they have native buckets. */
const decided = new WeakSet<HistogramCell>();

/** Gives a new histogram native buckets, if its decorator or the configuration says so. */
export function addNativeBuckets(cell: HistogramCell, native: boolean | null): void {
  if (native !== null) decided.add(cell);
  const settings = state.settings.nativeHistograms;
  if (native ?? settings !== null) cell.native = create(settings);
}

/** Takes over the configuration for every histogram that does not say for itself. They start at 0. */
export function configureNativeHistograms(settings: NativeHistogramSettings | null): void {
  state.settings.nativeHistograms = settings;
  for (const family of state.families.values()) {
    if (family.type !== 'histogram') continue;
    for (const series of family.series()) {
      const cell = series.cell as HistogramCell;
      if (decided.has(cell)) continue;
      // Both kinds of buckets must hold the same observations.
      cell.reset();
      cell.native = settings === null ? null : create(settings);
    }
  }
}

function create(settings: NativeHistogramSettings | null): NativeBuckets {
  const { resolution, maxBuckets } = settings ?? DEFAULT_NATIVE_HISTOGRAMS;
  return new NativeBuckets(resolution, maxBuckets);
}
