import { clientLibrary } from './client-library';
import type { MetricsRegistry } from './metrics-registry';
import { state } from './state';

/** The registry in which families live. */
export function currentRegistry(): MetricsRegistry {
  return (state.settings.registry ??= clientLibrary().register);
}
