import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SUFFIX = '.d.ts';

/** Of `from './errors'`, `import('./errors')`, and `import './errors'` for what a module does. */
const IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]*)['"]/g;

/** Removes the declarations that none of the entry points needs: nobody can import what they describe. */
export function pruneDeclarations(folder, entryPoints) {
  const needed = new Set();
  const follow = (module) => {
    const file = module + SUFFIX;
    if (needed.has(file)) return;
    if (!existsSync(file))
      throw new Error(`a declaration imports ${file}, which the build has not`);
    needed.add(file);
    // Examples in comments import, too.
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
    for (const [, path] of code.matchAll(IMPORT)) follow(join(dirname(file), path));
  };
  for (const entryPoint of entryPoints) follow(join(folder, entryPoint));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (name.endsWith(SUFFIX) && !needed.has(file)) rmSync(file);
  }
}
