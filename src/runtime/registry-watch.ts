import type { RegistryMetric } from '../metrics/registry-metric';
import { hideMethod } from './hidden-method';
import type { MetricsRegistry } from './metrics-registry';

/** What other code does to a registry, and nothing else shows in time. */
interface RegistryEvents {
  /** Called after `clear()` has removed every metric. */
  cleared(): void;
  /** Called before a metric is registered. */
  registering(metric: RegistryMetric): void;
}

/**
 * Watches a registry by methods of its own, which call the methods that they hide. Client libraries have no events for this,
 * and a call of a measured method must not have to look.
 *
 * @returns a function that stops it
 */
export function watchRegistry(registry: MetricsRegistry, events: RegistryEvents): () => void {
  let isWatching = true;
  const restores = [
    hideMethod(registry, 'registerMetric', (register, _registry, metric) => {
      if (isWatching) events.registering(metric as RegistryMetric);
      return register();
    }),
    hideMethod(registry, 'clear', (clear) => {
      const result = clear();
      if (isWatching) events.cleared();
      return result;
    }),
  ];
  return () => {
    isWatching = false;
    for (const restore of restores) restore();
  };
}
