/**
 * What this package needs of a registry: a part that prom-client 15 and `@prometheus-io/client` 0.16 have in common.
 * Structural, since the two libraries' own types do not match.
 */
export interface MetricsRegistry {
  /* oxlint-disable typescript/no-explicit-any -- either library's own metric type is accepted */
  registerMetric(metric: any): void;
  getSingleMetric(name: string): any;
  removeSingleMetric(name: string): void;
  setDefaultLabels(labels: any): void;
  getMetricsAsArray(): any[];
  /* oxlint-enable typescript/no-explicit-any */
}

const METHODS = [
  'registerMetric',
  'getSingleMetric',
  'removeSingleMetric',
  'setDefaultLabels',
  'getMetricsAsArray',
] as const satisfies readonly (keyof MetricsRegistry)[];

export function isMetricsRegistry(value: unknown): value is MetricsRegistry {
  return (
    typeof value === 'object' &&
    value !== null &&
    METHODS.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
  );
}

/** The default labels a registry has. Both libraries keep them in a field and offer no other way to read them. */
export function defaultLabelsOf(registry: MetricsRegistry): Readonly<Record<string, string>> {
  return (registry as { _defaultLabels?: Record<string, string> })._defaultLabels ?? {};
}
