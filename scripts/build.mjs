// `npm run build`: the package, and the program and style of the live page, which run in a browser.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from './run.mjs';

const SOURCE = join(root, 'src/page/browser');
const OUTPUT = join(root, 'dist/page/browser');

// The last build goes first, so that no module that has gone stays in the package.
rmSync(join(root, 'dist'), { recursive: true, force: true });
await compile('tsconfig.build.json');
// What the package shares with its page is compiled by both; the module that stays is the page's.
await compile('src/page/browser/tsconfig.json');
for (const file of ['page.css', 'icon.svg']) cpSync(join(SOURCE, file), join(OUTPUT, file));

async function compile(project) {
  const code = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project]);
  if (code !== 0) process.exit(code);
}
