// `npm run typecheck`: checks everything except what tests compile themselves. Programs that run in another environment or
// are compiled with other options have their own project.
import { join } from 'node:path';

import { root, run } from './run.mjs';

const PROJECTS = [
  'tsconfig.json',
  'src/tools/page/browser',
  'examples/calculator',
  'examples/client-side',
  'examples/cluster',
  'examples/custom-metrics',
  'examples/legacy-decorators',
  'examples/traced',
  'test/dialects',
  'test/dialects/tsconfig.nest.json',
  'test/consumers',
  'test/real/page',
];

const tsc = join(root, 'node_modules/typescript/bin/tsc');
for (const project of PROJECTS) {
  // oxlint-disable-next-line no-await-in-loop -- the compiler already uses several cores
  const code = await run(process.execPath, [tsc, '--noEmit', '-p', project]);
  if (code !== 0) process.exit(code);
}
