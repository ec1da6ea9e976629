import type { MetricValues, Sample } from '../../metrics/registry-metric';
import type { FaultSink } from '../../recording/guards';
import type { Runtime } from '../../runtime/runtime';
import type { RegistryContents } from '../contents';
import { everyMetric, type MetricFilter } from '../metric-filter';
import type { TimeBudget } from '../time-budget';
import { collectMetric } from '../user-metric';

/** Collects the wanted user's metrics within `deadline` milliseconds, with default labels and without quantiles. */
export async function collectSummable(
  faults: FaultSink,
  { userMetrics, defaultLabels }: RegistryContents,
  deadline: number,
  isWanted: MetricFilter = everyMetric,
): Promise<MetricValues[]> {
  const wanted = userMetrics.filter(isWanted);
  const found = await Promise.all(wanted.map((metric) => collectMetric(faults, metric, deadline)));
  return found
    .filter((metric) => metric !== null)
    .map(({ name, help, type, aggregator, values }) => ({
      name,
      help,
      type,
      aggregator,
      values: values.filter(isSummable).map(({ labels, value, metricName }) => ({
        labels: { ...defaultLabels, ...labels },
        value,
        ...(metricName !== undefined && { metricName }),
      })),
    }));
}

/** A quantile over all processes cannot be computed from the quantiles of each. */
function isSummable({ labels }: Sample): boolean {
  return labels['quantile'] === undefined;
}

/**
 * Combines metrics of the same name through the client library, by the `aggregator` of each. A metric that it cannot
 * combine is left out and reported.
 */
export async function sumUserMetrics(
  runtime: Runtime,
  metrics: Iterable<MetricValues>,
  budget: TimeBudget,
): Promise<MetricValues[]> {
  const byName = new Map<string, MetricValues[]>();
  for (const metric of metrics) {
    const parts = byName.get(metric.name);
    if (parts === undefined) byName.set(metric.name, [metric]);
    else parts.push(metric);
  }
  const sums: MetricValues[] = [];
  for (const [name, parts] of byName) {
    sums.push(...sumParts(runtime, name, parts));
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  return sums;
}

/** Returns an empty list if the aggregator of the metric is `omit`. */
function sumParts(runtime: Runtime, name: string, parts: readonly MetricValues[]): MetricValues[] {
  try {
    const { AggregatorRegistry } = runtime.registry.library();
    const registry = AggregatorRegistry.aggregate(parts.map((part) => [part]));
    return (registry.getMetricsAsArray() as { get(): MetricValues }[]).map((metric) =>
      metric.get(),
    );
  } catch (error) {
    runtime.faults.report(`sum:${name}`, error);
    return [];
  }
}
