import type { MetricValues, RegistryMetric } from '../metrics/sample';
import { faults } from './faults';

/** What a metric of the program has; null when it fails, or has nothing within `deadline` milliseconds. */
export async function collectMetric(
  metric: RegistryMetric,
  deadline: number,
): Promise<MetricValues | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${metric.name} was not collected within ${deadline} ms`)),
      deadline,
    );
  });
  try {
    const found = await Promise.race([metric.get(), late]);
    return Array.isArray(found.values) ? found : { ...found, values: [] };
  } catch (error) {
    faults.report(`collect:${metric.name}`, error);
    return null;
  } finally {
    clearTimeout(timer);
  }
}
