import { join } from 'node:path';

import { expect, test } from 'vitest';

import { runProgram } from '../support/start-program';

test('a producer has the calls of its own thread, where a scrape has those of all', async () => {
  const program = join(__dirname, 'programs/threads.mjs');
  const { stdout, stderr } = await runProgram(process.execPath, [program]);

  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ ofMain: 3, ofWorker: 7, scraped: 10 });
});
