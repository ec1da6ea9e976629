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
  for (const metric of processMetrics().filter(isWellNamed)) {
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

/**
 * The client library has gauges whose names end in `_total`, as only those of counters do: promtool refuses them, and in
 * OpenMetrics they are invalid. The same values stand in the metrics of that name without `_total`, by type.
 */
function isWellNamed({ name, type }: RegistryMetric): boolean {
  return type === 'counter' || !name.endsWith('_total');
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
