/** Decides whether a metric is part of a render. */
export type MetricFilter = (metric: { readonly name: string; readonly type: string }) => boolean;

export const everyMetric: MetricFilter = () => true;

/**
 * Accepts metrics with one of these names. A histogram or summary is also found by the names of its samples, such as
 * `thrift_server_latency_seconds_count`.
 */
export function metricsNamed(names: readonly string[]): MetricFilter {
  const wanted = new Set(names);
  return (metric) => sampleNames(metric).some((name) => wanted.has(name));
}

function sampleNames({ name, type }: { readonly name: string; readonly type: string }): string[] {
  return type === 'histogram' || type === 'summary'
    ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
    : [name];
}
