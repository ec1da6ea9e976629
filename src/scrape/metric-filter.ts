/** What decides whether a metric is part of a render. */
export interface NamedMetric {
  /** The name under which the metric was registered. */
  readonly name: string;
  readonly type: string;
}

/** Decides whether a metric is part of a render. */
export type MetricFilter = (metric: NamedMetric) => boolean;

export const everyMetric: MetricFilter = () => true;

/**
 * Accepts metrics with one of these names. A histogram or summary is also found by the names of its samples, such as
 * `thrift_server_latency_seconds_count`.
 */
export function metricsNamed(names: readonly string[]): MetricFilter {
  const wanted = new Set(names);
  return (metric) => sampleNames(metric).some((name) => wanted.has(name));
}

/**
 * Returns the names of the metrics that {@link metricsNamed} accepts, sorted, or undefined if it accepts all of them. Lists
 * of names that select the same metrics have equal results.
 */
export function selectedNames(
  metrics: readonly NamedMetric[],
  names: readonly string[],
): readonly string[] | undefined {
  const selected = metrics.filter(metricsNamed(names));
  return selected.length === metrics.length
    ? undefined
    : selected.map(({ name }) => name).toSorted();
}

/** Whether each of the names belongs to a metric. */
export function areKnown(metrics: readonly NamedMetric[], names: readonly string[]): boolean {
  const known = new Set(metrics.flatMap(sampleNames));
  return names.every((name) => known.has(name));
}

function sampleNames({ name, type }: NamedMetric): string[] {
  return type === 'histogram' || type === 'summary'
    ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
    : [name];
}
