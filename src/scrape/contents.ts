import type { Family } from '../metrics/family';
import type { Labels } from '../metrics/labels';
import type { RegistryMetric } from '../metrics/registry-metric';
import { defaultLabelsOf } from '../runtime/metrics-registry';
import type { Runtime } from '../runtime/runtime';

/** The contents of the registry of this process or thread. */
export interface RegistryContents {
  /** Families of this package and metrics of the user, in the order of the registry. */
  readonly metrics: readonly (Family | RegistryMetric)[];
  readonly families: readonly Family[];
  readonly userMetrics: readonly RegistryMetric[];
  readonly defaultLabels: Labels;
}

export function registryContents({ registry, families: own }: Runtime): RegistryContents {
  own.restore();
  const current = registry.current();
  const metrics = current.getMetricsAsArray() as RegistryMetric[];
  const families: Family[] = [];
  const userMetrics: RegistryMetric[] = [];
  for (const metric of metrics) {
    if (own.has(metric)) families.push(metric);
    else userMetrics.push(metric);
  }
  return { metrics, families, userMetrics, defaultLabels: { ...defaultLabelsOf(current) } };
}
