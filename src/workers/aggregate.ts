import type { MetricValues } from '../metrics/sample';
import { clientLibrary } from '../registry/client-library';
import { faults } from '../registry/faults';
import type { Slice } from '../slice';

/**
 * One metric for each name, summed (or whatever its `aggregator` says) by the client library. One that it cannot
 * put together is left out and reported.
 */
export async function aggregate(
  metrics: Iterable<MetricValues>,
  slice: Slice,
): Promise<MetricValues[]> {
  const byName = new Map<string, MetricValues[]>();
  for (const metric of metrics) {
    const parts = byName.get(metric.name);
    if (parts === undefined) byName.set(metric.name, [metric]);
    else parts.push(metric);
  }
  const whole: MetricValues[] = [];
  for (const [name, parts] of byName) {
    whole.push(...aggregateOne(name, parts));
    // oxlint-disable-next-line no-await-in-loop -- a rest is meant to hold the loop
    if (slice.isOver()) await slice.rest();
  }
  return whole;
}

/** None where its aggregator says that it is to be left out. */
function aggregateOne(name: string, parts: readonly MetricValues[]): MetricValues[] {
  try {
    const registry = clientLibrary().AggregatorRegistry.aggregate(parts.map((part) => [part]));
    return (registry.getMetricsAsArray() as { get(): MetricValues }[]).map((metric) =>
      metric.get(),
    );
  } catch (error) {
    faults.report(`sum:${name}`, error);
    return [];
  }
}
