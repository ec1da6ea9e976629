import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';
import { afterAll } from 'vitest';

const folder = join(__dirname, '../../build');

/**
 * Compiles a program of the tests, with all that it imports but packages, into one file that is there until the tests have
 * ended. For programs that are started often: with tsx, each start takes three times as long.
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
    // Of what Thrift's compiler writes, it has much to say.
    logLevel: 'error',
  });
  return outfile;
}
