import type { RegistryMetric } from '../metrics/sample';
import { clientLibrary } from './client-library';
import type { MetricsRegistry } from './metrics-registry';
import { state } from './state';

let collected: RegistryMetric[] | undefined;

/**
 * Adds the client library's process metrics to a registry, except for names it already has: the program may have
 * called `collectDefaultMetrics` itself.
 */
export function addProcessMetrics(registry: MetricsRegistry): void {
  for (const metric of processMetrics()) {
    if (registry.getSingleMetric(metric.name) !== undefined) continue;
    registry.registerMetric(metric);
    state.processMetrics.push(metric);
  }
}

export function removeProcessMetrics(registry: MetricsRegistry): void {
  for (const metric of state.processMetrics.splice(0)) {
    if (registry.getSingleMetric(metric.name) === metric) registry.removeSingleMetric(metric.name);
  }
}

/** Collected once: each set holds observers of the event loop and the garbage collector. */
function processMetrics(): RegistryMetric[] {
  if (collected === undefined) {
    const client = clientLibrary();
    const own = new client.Registry();
    client.collectDefaultMetrics({ register: own });
    collected = own.getMetricsAsArray() as RegistryMetric[];
  }
  return collected;
}
