import type { Family } from '../metrics/family';
import type { Labels } from '../metrics/labels';
import type { RegistryMetric } from '../metrics/registry-metric';
import { restoreFamilies } from '../runtime/families';
import { currentRegistry, defaultLabelsOf } from '../runtime/registry';
import { state } from '../runtime/runtime';

export interface RegistryContents {
  /** Those of this package. */
  readonly families: readonly Family[];
  /** The others. */
  readonly foreign: readonly RegistryMetric[];
  readonly defaultLabels: Labels;
}

/** What stands in the registry of this process or thread. */
export function registryContents(): RegistryContents {
  restoreFamilies();
  const registry = currentRegistry();
  const ours = new Set<unknown>(state.families.values());
  const families: Family[] = [];
  const foreign: RegistryMetric[] = [];
  for (const metric of registry.getMetricsAsArray() as RegistryMetric[]) {
    if (ours.has(metric)) families.push(metric as Family);
    else foreign.push(metric);
  }
  return { families, foreign, defaultLabels: { ...defaultLabelsOf(registry) } };
}
