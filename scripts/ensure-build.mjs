import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { npm, root } from './run.mjs';

const OUTPUT = join(root, 'dist/index.js');
const FOLDERS = ['src', 'scripts/bundle'];
const CONFIGURATION = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'scripts/extract-api.mjs',
];

/** Builds the package unless dist is newer than everything that it is built from. */
export async function ensureBuild() {
  const built = statSync(OUTPUT, { throwIfNoEntry: false })?.mtimeMs;
  if (built !== undefined && built > newestSource()) return;
  console.error(`${built === undefined ? 'Not built yet' : 'dist is out of date'}: npm run build`);
  // A build that fails may have written its output. Remove it, so that it does not pass for a fresh build.
  await npm(['run', 'build'], () => rmSync(OUTPUT, { force: true }));
}

function newestSource() {
  // A folder's own time changes when a file is removed from it.
  const sources = FOLDERS.flatMap((folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  ]);
  return Math.max(
    ...[...sources, ...CONFIGURATION].map((name) => statSync(join(root, name)).mtimeMs),
  );
}
