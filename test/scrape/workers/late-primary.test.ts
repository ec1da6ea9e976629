import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const PROGRAM = join(__dirname, 'programs/late-primary.mjs');

interface Result {
  readonly found: readonly number[];
  readonly durations: readonly number[];
  readonly messages: readonly unknown[];
}

it.each(['cluster', 'threads'])(
  'workers that start before the main thread loads the package join the sum, and others get no message: %s',
  async (kind) => {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, kind]);
    const { found, durations, messages } = JSON.parse(stdout) as Result;
    expect(found).toEqual([5, 5, 5]);
    expect(messages).toEqual([]);
    // Only the first scrape waits for workers that do not answer.
    expect(durations[0]).toBeLessThan(1000);
    expect(durations[1]).toBeLessThan(400);
    expect(durations[2]).toBeLessThan(400);
  },
);
