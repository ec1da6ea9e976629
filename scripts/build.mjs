// `npm run build`: the package, and the program and style of the live page, which run in a browser.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { pruneDeclarations } from './prune-declarations.mjs';
import { root, run } from './run.mjs';

const SOURCE = join(root, 'src/page/browser');
const OUTPUT = join(root, 'dist/page/browser');

// The last build goes first, so that no module that has gone stays in the package.
rmSync(join(root, 'dist'), { recursive: true, force: true });
await compile('tsconfig.build.json', '--declaration', 'false', '--removeComments');
// Comments are for those who read declarations: editors show them.
await compile('tsconfig.build.json', '--emitDeclarationOnly');
pruneDeclarations(join(root, 'dist'), ['index', 'auto', 'opentelemetry']);
// What the package shares with its page is compiled by both; the module that stays is the page's.
await compile('src/page/browser/tsconfig.json', '--removeComments');
for (const file of ['page.css', 'icon.svg']) cpSync(join(SOURCE, file), join(OUTPUT, file));

async function compile(project, ...options) {
  const tsc = 'node_modules/typescript/bin/tsc';
  const code = await run(process.execPath, [tsc, '-p', project, ...options]);
  if (code !== 0) process.exit(code);
}
