import type { MetricValues, RegistryMetric, Sample } from '../metrics/sample';
import { currentRegistry } from '../registry/current-registry';
import { restoreFamilies } from '../registry/families';
import { faults } from '../registry/faults';
import { defaultLabelsOf } from '../registry/metrics-registry';

/** Everything in the registry of this process or thread, as values that can be sent and summed. */
export async function takeSnapshot(): Promise<MetricValues[]> {
  restoreFamilies();
  const registry = currentRegistry();
  const defaultLabels = { ...defaultLabelsOf(registry) };
  const metrics = await Promise.all((registry.getMetricsAsArray() as RegistryMetric[]).map(read));
  return metrics
    .filter((metric) => metric !== null)
    .map((metric) => ({ ...metric, values: summable(metric, defaultLabels) }));
}

async function read(metric: RegistryMetric): Promise<MetricValues | null> {
  try {
    return await metric.get();
  } catch (error) {
    faults.report(`collect:${metric.name}`, error);
    return null;
  }
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
