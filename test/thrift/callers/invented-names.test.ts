import { join } from 'node:path';

import { expect, test } from 'vitest';

import { compileProgram } from '../../support/compile-program';
import { runProgram } from '../../support/start-program';

const program = compileProgram(join(__dirname, 'programs/invented-names.ts'));

test(
  '400,000 invented names cost as many series as the limit allows, and one more',
  { timeout: 240_000 },
  async () => {
    const args = ['--no-deprecation', '--expose-gc', await program];
    const { stdout, stderr } = await runProgram(process.execPath, args);
    expect(stderr).toBe('');
    const { growth, ...counted } = JSON.parse(stdout) as Record<string, unknown> & {
      growth: number;
    };
    expect(counted).toEqual({
      names: 2001,
      longest: 256,
      // Every second call fails.
      other: [398_000, 199_000],
      calls: 400_000,
      failed: 200_000,
    });
    // A name that stayed would take 300 bytes, and the second half of them 60 MB.
    expect(growth).toBeLessThan(2_000_000);
  },
);
