import { setTimeout as sleep } from 'node:timers/promises';

import { sumOf } from '../../../test/support/sum-of';
import type { Sample } from '../../../test/support/text-format';
import { readSamples } from '../load/scrapes.js';

const LONGEST_WAIT_MS = 10_000;

/** Reads the samples once no call and no connection is active, or after the longest wait as they are. */
export async function settledSamples(port: number): Promise<Sample[]> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    const samples = await readSamples(port);
    const busy =
      sumOf(samples, 'thrift_server_active_requests', {}) +
      sumOf(samples, 'thrift_server_active_connections', {});
    if (busy === 0 || performance.now() > deadline) return samples;
    await sleep(100);
  }
}
