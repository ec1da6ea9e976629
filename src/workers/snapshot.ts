import type { MetricValues, RegistryMetric, Sample } from '../metrics/sample';
import { collectMetric } from '../registry/collect-metric';
import { currentRegistry } from '../registry/current-registry';
import { restoreFamilies } from '../registry/families';
import { defaultLabelsOf } from '../registry/metrics-registry';

/** Everything that the registry of this process or thread has within `deadline` milliseconds, as values that can be sent and summed. */
export async function takeSnapshot(deadline: number): Promise<MetricValues[]> {
  restoreFamilies();
  const registry = currentRegistry();
  const defaultLabels = { ...defaultLabelsOf(registry) };
  const metrics = await Promise.all(
    (registry.getMetricsAsArray() as RegistryMetric[]).map((metric) =>
      collectMetric(metric, deadline),
    ),
  );
  return metrics
    .filter((metric) => metric !== null)
    .map((metric) => ({ ...metric, values: summable(metric, defaultLabels) }));
}

function summable(
  { values }: MetricValues,
  defaultLabels: Readonly<Record<string, string>>,
): Sample[] {
  return (
    (values ?? [])
      // The quantile of a whole cannot be told from those of its parts.
      .filter(({ labels }) => labels['quantile'] === undefined)
      .map(({ labels, value, metricName }) => ({
        labels: { ...defaultLabels, ...labels },
        value,
        ...(metricName !== undefined && { metricName }),
      }))
  );
}
