// `npm run typecheck`: everything but what tests compile by themselves. Programs that run elsewhere than the package, or
// are compiled with other options, have a project of their own.
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
  'test/dialects',
  'test/dialects/tsconfig.nest.json',
  'test/consumers',
  'test/real/page',
];

const tsc = join(root, 'node_modules/typescript/bin/tsc');
for (const project of PROJECTS) {
  // The compiler keeps both cores busy by itself.
  // oxlint-disable-next-line no-await-in-loop
  const code = await run(process.execPath, [tsc, '--noEmit', '-p', project]);
  if (code !== 0) process.exit(code);
}
