import type { Family } from '../metrics/family';
import type { LabelNames } from '../metrics/label-names';
import type { Labels } from '../metrics/labels';
import type { RegistryMetric } from '../metrics/registry-metric';
import { defaultLabelsOf, type MetricsRegistry } from '../runtime/metrics-registry';
import type { Runtime } from '../runtime/runtime';
import type { NamedMetric } from './metric-filter';

/** A metric of a registry: a family of this package, or a metric of the user. */
type RegistryEntry =
  | { readonly family: Family; readonly userMetric: null }
  | { readonly family: null; readonly userMetric: RegistryMetric };

/** What the registry of this process or thread contains. */
export interface RegistryContents {
  /** All metrics, in the order of the registry. */
  readonly entries: readonly RegistryEntry[];
  readonly families: readonly Family[];
  readonly userMetrics: readonly RegistryMetric[];
  /** Default labels of the user's metrics, from the registry. */
  readonly defaultLabels: Labels;
  /** Default labels of the families. `configureMetrics` takes precedence over the registry. */
  readonly familyLabels: Labels;
  /** The names under which readers see the built-in labels of the families. */
  readonly labelNames: LabelNames;
}

/** Reads the registry, and separates the families of this package from the user's metrics. */
export function registryContents({
  registry,
  families: known,
  settings,
  unread,
}: Runtime): RegistryContents {
  unread.noteRead();
  known.checkLibraries();
  const current = registry.current();
  const entries: RegistryEntry[] = [];
  const families: Family[] = [];
  const userMetrics: RegistryMetric[] = [];
  for (const metric of current.getMetricsAsArray() as RegistryMetric[]) {
    if (known.has(metric)) {
      families.push(metric);
      entries.push({ family: metric, userMetric: null });
    } else {
      const userMetric = underRegisteredName(current, metric);
      userMetrics.push(userMetric);
      entries.push({ family: null, userMetric });
    }
  }
  const defaultLabels = { ...defaultLabelsOf(current) };
  const familyLabels = { ...defaultLabels, ...settings.defaultLabels };
  const { labelNames } = settings;
  return { entries, families, userMetrics, defaultLabels, familyLabels, labelNames };
}

/** The name and type of an entry, by which a render selects it. */
export function namedMetric({ family, userMetric }: RegistryEntry): NamedMetric {
  return family === null ? userMetric : { name: family.registeredName, type: family.type };
}

/**
 * Returns a user's metric under the name by which the registry knows it. A registry in OpenMetrics mode cuts `_total` off the
 * name of each counter when it is scraped, and leaves it like this. The text format and protobuf would then show the counter
 * under another name than before.
 */
function underRegisteredName(registry: MetricsRegistry, metric: RegistryMetric): RegistryMetric {
  const name = `${metric.name}_total`;
  if (metric.type !== 'counter' || registry.getSingleMetric(name) !== metric) return metric;
  const { help, type, aggregator } = metric;
  return {
    name,
    help,
    type,
    aggregator,
    get: async () => ({ ...(await metric.get()), name }),
    reset: () => metric.reset(),
  };
}
