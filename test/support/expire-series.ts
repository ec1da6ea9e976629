import { vi } from 'vitest';

import { currentRuntime } from '../../src/runtime/runtime';

/**
 * Sweeps as often as it takes until series expire in which nothing is recorded meanwhile. Needs the fake clock of
 * `fakeable-clock.ts`, and `expireAfter` so long that no other sweep takes place.
 *
 * @param between runs before each sweep
 */
export async function expireSeries(between: () => void = () => {}): Promise<void> {
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(1000);
    between();
    // oxlint-disable-next-line no-await-in-loop -- sweeps follow one another
    await currentRuntime().idleSeries.sweep();
  }
}
