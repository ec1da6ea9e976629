import type { MetricValues } from '../metrics/sample';
import { clientLibrary } from '../registry/client-library';

/** One metric for each name, summed (or whatever its `aggregator` says) by the client library. */
export function aggregate(snapshots: readonly (readonly MetricValues[])[]): MetricValues[] {
  const registry = clientLibrary().AggregatorRegistry.aggregate(snapshots);
  return (registry.getMetricsAsArray() as { get(): MetricValues }[]).map((metric) => metric.get());
}
