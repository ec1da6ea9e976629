import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { npm, root } from './run.mjs';

const OUTPUT = join(root, 'dist/index.js');
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'package.json'];

/** Builds the package unless `dist` is newer than all of its sources. */
export async function ensureBuild() {
  const built = statSync(OUTPUT, { throwIfNoEntry: false })?.mtimeMs;
  if (built !== undefined && built > newestSource()) return;
  console.error(
    `${built === undefined ? 'The package is not built' : 'dist is out of date'}: npm run build`,
  );
  // The compiler writes output even if it finds errors. Remove it, so that it does not pass for a fresh build.
  await npm(['run', 'build'], () => rmSync(OUTPUT, { force: true }));
}

function newestSource() {
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) =>
    join('src', name),
  );
  // The modification time of a folder shows that a file was removed from it.
  return Math.max(
    ...['src', ...sources, ...CONFIGURATION].map((name) => statSync(join(root, name)).mtimeMs),
  );
}
