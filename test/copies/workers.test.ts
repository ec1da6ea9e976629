import { join } from 'node:path';

import { expect, test } from 'vitest';

import { runProgram } from '../support/start-program';
import { copyFolder } from './packages';

const FIRST = join(__dirname, '../../dist/index.js');
const SECOND = join(copyFolder('copies'), 'dist/index.js');

test.each([
  ['threads', FIRST, SECOND],
  ['cluster', FIRST, SECOND],
  ['cluster', SECOND, FIRST],
])(
  'a scrape has the sum over workers that use another copy of the package (%s)',
  async (...args) => {
    const program = join(__dirname, 'programs/workers.mjs');
    const { stdout, stderr, code } = await runProgram(process.execPath, [program, ...args]);
    expect({ stdout, stderr, code }).toEqual({
      stdout: 'requests: 7\nrequests: 7\n',
      stderr: '',
      code: 0,
    });
  },
);
