/**
 * The part of a registry that this package uses. prom-client 15 and `@prometheus-io/client` 0.16 both have it; the type is
 * structural because the types of the two libraries do not match.
 */
export interface MetricsRegistry {
  /* oxlint-disable typescript/no-explicit-any -- accepts the metric type of either library */
  registerMetric(metric: any): void;
  getSingleMetric(name: string): any;
  removeSingleMetric(name: string): void;
  setDefaultLabels(labels: any): void;
  getMetricsAsArray(): any[];
  /* oxlint-enable typescript/no-explicit-any */
}

const REGISTRY_METHODS = [
  'registerMetric',
  'getSingleMetric',
  'removeSingleMetric',
  'setDefaultLabels',
  'getMetricsAsArray',
] as const satisfies readonly (keyof MetricsRegistry)[];

/** Whether a value has the methods of a registry. */
export function isMetricsRegistry(value: unknown): value is MetricsRegistry {
  return (
    typeof value === 'object' &&
    value !== null &&
    REGISTRY_METHODS.every(
      (method) => typeof (value as Record<string, unknown>)[method] === 'function',
    )
  );
}

/** Reads the default labels of a registry from its private field, which is the only way in both libraries. */
export function defaultLabelsOf(registry: MetricsRegistry): Readonly<Record<string, string>> {
  return (registry as { _defaultLabels?: Record<string, string> })._defaultLabels ?? {};
}
