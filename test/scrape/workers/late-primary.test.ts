import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { ANNOUNCEMENT_DEADLINE, THREADS_DEADLINE } from '../../../src/scrape/deadlines';

const PROGRAM = join(__dirname, 'programs/late-primary.mjs');

interface Result {
  readonly found: readonly number[];
  /** Milliseconds of the time limits that each scrape has set. */
  readonly waited: readonly (readonly number[])[];
  readonly messages: readonly unknown[];
}

it.each([
  ['cluster', ANNOUNCEMENT_DEADLINE],
  ['threads', THREADS_DEADLINE],
])(
  'workers that start before the main thread loads the package join the sum, and others get no message: %s',
  async (kind, deadline) => {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, kind]);
    const { found, waited, messages } = JSON.parse(stdout) as Result;
    expect(found).toEqual([5, 5, 5]);
    expect(messages).toEqual([]);
    // Only the first scrape waits for workers that do not answer.
    expect(waited.map((limits) => limits.includes(deadline))).toEqual([true, false, false]);
  },
);
