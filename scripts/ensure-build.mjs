import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { npm, root } from './run.mjs';

const OUTPUT = join(root, 'dist/index.js');
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'package.json'];

/** Builds the package unless dist is newer than everything it is made of. */
export async function ensureBuild() {
  const built = statSync(OUTPUT, { throwIfNoEntry: false })?.mtimeMs;
  if (built !== undefined && built > newestSource()) return;
  console.error(`${built === undefined ? 'Not built yet' : 'dist is out of date'}: npm run build`);
  // The compiler writes its output even when it finds errors; that must not pass for a fresh build.
  await npm(['run', 'build'], () => rmSync(OUTPUT, { force: true }));
}

function newestSource() {
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((name) =>
    join('src', name),
  );
  // A folder's own time tells that a file was removed from it.
  return Math.max(
    ...['src', ...sources, ...CONFIGURATION].map((name) => statSync(join(root, name)).mtimeMs),
  );
}
