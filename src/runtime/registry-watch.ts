import type { RegistryMetric } from '../metrics/registry-metric';
import type { MetricsRegistry } from './metrics-registry';

/** What other code does to a registry, and nothing else shows in time. */
interface RegistryEvents {
  /** Called after `clear()` has removed every metric. */
  cleared(): void;
  /** Called before a metric is registered. */
  registering(metric: RegistryMetric): void;
}

interface Watchable extends MetricsRegistry {
  clear?: () => void;
}

/**
 * Watches a registry by methods of its own, which call the methods that they hide. Client libraries have no events for this,
 * and a call of a measured method must not have to look.
 *
 * @returns a function that stops it
 */
export function watchRegistry(registry: Watchable, events: RegistryEvents): () => void {
  let isWatching = true;
  const restores = [
    hide(registry, 'registerMetric', (register, metric) => {
      if (isWatching) events.registering(metric as RegistryMetric);
      return register();
    }),
    hide(registry, 'clear', (clear) => {
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

/** Hides a method behind an own property that does not show when the registry is listed or compared. */
function hide(
  registry: Watchable,
  name: 'registerMetric' | 'clear',
  replacement: (original: () => unknown, argument: unknown) => unknown,
): () => void {
  const original: unknown = registry[name];
  if (typeof original !== 'function') return () => {};
  const before = Reflect.getOwnPropertyDescriptor(registry, name);
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return replacement(() => Reflect.apply(original, this, args) as unknown, args[0]);
  };
  Object.defineProperty(value, 'name', { value: name });
  // A registry that cannot be changed is not watched. What happened to it is noticed when it is read.
  const isHidden = Reflect.defineProperty(registry, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
  return () => {
    // Someone may have replaced the method in the meantime.
    if (!isHidden || Reflect.getOwnPropertyDescriptor(registry, name)?.value !== value) return;
    if (before === undefined) Reflect.deleteProperty(registry, name);
    else Reflect.defineProperty(registry, name, before);
  };
}
