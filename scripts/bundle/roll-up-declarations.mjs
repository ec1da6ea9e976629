import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DECLARATIONS, ENTRY_POINTS, extractApi } from '../extract-api.mjs';
import { root, run } from '../run.mjs';

/** Writes one declaration file for each entry point, which holds all that it exports and no more. */
export async function rollUpDeclarations() {
  rmSync(join(root, DECLARATIONS), { recursive: true, force: true });
  const tsc = 'node_modules/typescript/bin/tsc';
  const code = await run(process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  if (code !== 0) process.exit(code);
  for (const entryPoint of ENTRY_POINTS) {
    const file = join(root, 'dist', `${entryPoint}.d.ts`);
    extractApi(entryPoint, { rollUp: file });
    format(file);
  }
}

/** The extractor indents what follows a brace in a comment. */
function format(file) {
  const formatter = join(root, 'node_modules/oxfmt/bin/oxfmt');
  const formatted = execFileSync(process.execPath, [formatter, '--stdin-filepath', 'index.d.ts'], {
    cwd: root,
    input: readFileSync(file),
  });
  writeFileSync(file, formatted);
}
