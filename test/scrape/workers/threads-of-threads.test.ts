import { join } from 'node:path';

import { expect, test } from 'vitest';

import { runProgram } from '../../support/start-program';

test('a call in a thread that another thread terminates, or that ends with it, is in progress no longer', async () => {
  const { stdout, stderr } = await runProgram(process.execPath, [
    join(__dirname, 'programs/threads-of-threads.mjs'),
  ]);
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual(['2 of 2', '1 of 2', '0 of 2']);
});
