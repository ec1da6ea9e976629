import type { Labels } from '../../metrics/labels';
import type { MetricValues, Sample } from '../../metrics/registry-metric';
import type { FaultSink } from '../../recording/guards';
import type { Runtime } from '../../runtime/runtime';
import type { RegistryContents } from '../contents';
import { everyMetric, type MetricFilter } from '../metric-filter';
import { TimeBudget } from '../../runtime/time-budget';
import { collectMetric } from '../user-metric';

/** Number of samples between two readings of the clock. */
const SAMPLES_PER_CLOCK_READING = 16;

/** Collects the wanted user's metrics within `deadline` milliseconds, with default labels and without quantiles. */
export async function collectSummable(
  faults: FaultSink,
  { userMetrics, defaultLabels }: RegistryContents,
  deadline: number,
  isWanted: MetricFilter = everyMetric,
): Promise<MetricValues[]> {
  const wanted = userMetrics.filter(isWanted);
  const found = await Promise.all(wanted.map((metric) => collectMetric(faults, metric, deadline)));
  const budget = new TimeBudget();
  const summable: MetricValues[] = [];
  for (const metric of found) {
    if (metric === null) continue;
    const { name, help, type, aggregator } = metric;
    const values: Sample[] = [];
    for (const sample of metric.values) {
      if (isSummable(sample)) values.push(withLabels(sample, defaultLabels));
      // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
      if (values.length % SAMPLES_PER_CLOCK_READING === 0 && budget.isSpent()) await budget.yield();
    }
    summable.push({ name, help, type, aggregator, values });
  }
  return summable;
}

function withLabels({ labels, value, metricName }: Sample, defaultLabels: Labels): Sample {
  const named = metricName === undefined ? {} : { metricName };
  return { labels: { ...defaultLabels, ...labels }, value, ...named };
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
