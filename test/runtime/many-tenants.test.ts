import { join } from 'node:path';

import { expect, test } from 'vitest';

import { compileProgram } from '../support/compile-program';
import { runProgram } from '../support/start-program';

interface Result {
  readonly calls: number;
  readonly failed: number;
  readonly counted: Readonly<Record<'requests' | 'durations' | 'errors', number>>;
  readonly expired: number;
  /** Bytes in the heap after each round of 50,000 tenants. */
  readonly heaps: readonly number[];
}

test(
  'memory does not grow with the tenants that have called, and each series expires once',
  { timeout: 240_000 },
  async () => {
    const program = await compileProgram(join(__dirname, 'programs/many-tenants.ts'));
    const { stdout, stderr } = await runProgram(process.execPath, ['--expose-gc', program]);
    expect(stderr).toBe('');
    const { calls, failed, counted, expired, heaps } = JSON.parse(stdout) as Result;
    expect(calls).toBe(200_000);
    expect(counted).toEqual({ requests: calls, durations: calls, errors: failed });
    // Requests, calls in flight and durations of each tenant, and errors of one in ten.
    expect(expired).toBe(3 * calls + failed);
    const [first = 0, ...later] = heaps;
    expect(later).toHaveLength(3);
    // 50,000 tenants that stayed would take more than 40 MB.
    for (const heap of later) expect(heap - first).toBeLessThan(2 * 2 ** 20);
  },
);
