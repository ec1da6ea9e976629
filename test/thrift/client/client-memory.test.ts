import { join } from 'node:path';

import { expect, test } from 'vitest';

import { compileProgram } from '../../support/compile-program';
import { runProgram } from '../../support/start-program';

const program = compileProgram(join(__dirname, 'programs/clients-in-memory.ts'));

test.each(['bare', 'by hand', 'auto'])(
  'of 20,000 clients created on one connection (%s), nothing stays in memory',
  async (way) => {
    const args = ['--no-deprecation', '--expose-gc', await program, way];
    const { stdout, stderr } = await runProgram(process.execPath, args);
    expect(stderr).toBe('');
    const { bytes, collected } = JSON.parse(stdout) as { bytes: number; collected: number };
    expect(collected).toBe(200);
    // A client of this service that stayed would cost 1,000 bytes. What V8 learns is divided by the number of clients.
    expect(bytes).toBeLessThanOrEqual(16);
  },
);
