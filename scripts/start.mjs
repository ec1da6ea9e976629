// `npm start`: runs the example server and its client. Works in a fresh clone.
import { join } from 'node:path';

import { ensureBuild } from './ensure-build.mjs';
import { ensurePackages } from './ensure-packages.mjs';
import { root, run } from './run.mjs';

await ensurePackages();
await ensureBuild();
process.exitCode = await run(process.execPath, [
  '--import',
  import.meta.resolve('tsx'),
  join(root, 'examples/calculator/main.ts'),
  ...process.argv.slice(2),
]);
