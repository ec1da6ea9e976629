import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { DECLARATIONS, ENTRY_POINTS, extractApi } from '../extract-api.mjs';
import { root, run } from '../run.mjs';

/** Writes one declaration file for each entry point, with everything that it exports and nothing else. */
export async function rollUpDeclarations() {
  rmSync(join(root, DECLARATIONS), { recursive: true, force: true });
  const tsc = 'node_modules/typescript/bin/tsc';
  const code = await run(process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  if (code !== 0) process.exit(code);
  for (const entryPoint of ENTRY_POINTS) {
    extractApi(entryPoint, { rollUp: join(root, 'dist', `${entryPoint}.d.ts`) });
  }
}
