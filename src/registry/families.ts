import { CATALOGUE } from '../catalogue';
import { ThriftMetricsError } from '../errors';
import { Family, type Aggregator, type CellType, type Declarer } from '../metrics/family';
import { applyDefaultLabels } from './default-labels';
import type { MetricsRegistry } from './metrics-registry';
import { currentRegistry } from './current-registry';
import { state } from './state';

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
