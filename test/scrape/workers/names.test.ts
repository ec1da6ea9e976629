import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

interface Result {
  readonly statuses: readonly number[];
  readonly renders: number;
  readonly families: readonly string[] | null;
  readonly later: readonly string[] | null;
}

test('with a worker, 150 scrapes that differ in names of missing metrics share renders, and find what only the worker has', async () => {
  const program = join(__dirname, 'programs/names.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const { statuses, renders, families, later } = JSON.parse(stdout) as Result;
  expect(statuses).toEqual([200]);
  // Those that arrive while the first render is being sent share the next one.
  expect(renders).toBeLessThanOrEqual(2);
  expect(families?.toSorted()).toEqual([
    '# TYPE own_total',
    '# TYPE thrift_server_latency_seconds',
  ]);
  expect(later).toEqual(['# TYPE late_calls_total']);
});
