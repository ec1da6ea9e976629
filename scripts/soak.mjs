// `npm run soak`: runs the endurance test. Works in a fresh clone.
import { join } from 'node:path';

import { ensureBuild } from './ensure-build.mjs';
import { ensurePackages } from './ensure-packages.mjs';
import { root, run } from './run.mjs';

await ensurePackages();
await ensureBuild();
process.exitCode = await run(process.execPath, [
  `--require=tsx/cjs`,
  join(root, 'bench/soak/main.ts'),
  ...process.argv.slice(2),
]);
