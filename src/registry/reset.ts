import { state } from './state';

/**
 * Sets every value of this package to 0, for tests. Series stay; a call in flight no longer counts as active. Faults
 * are reported anew.
 *
 * @example
 * ```ts
 * beforeEach(() => resetMetrics());
 * ```
 */
export function resetMetrics(): void {
  for (const family of state.families.values()) family.reset();
  state.reported.clear();
}
