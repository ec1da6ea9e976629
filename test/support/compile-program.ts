import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';
import { afterAll } from 'vitest';

const folder = join(__dirname, '../../build');

/**
 * Compiles a test program, with everything it imports except packages, into one file, which is deleted after the tests.
 * For programs that are started often: with tsx, each start takes three times as long.
 */
export async function compileProgram(path: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  // In the repository, where the program finds the packages.
  const own = mkdtempSync(join(folder, 'program-'));
  afterAll(() => rmSync(own, { recursive: true }));
  const outfile = join(own, 'main.cjs');
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    // esbuild has many warnings about the output of Thrift's compiler.
    logLevel: 'error',
  });
  return outfile;
}
