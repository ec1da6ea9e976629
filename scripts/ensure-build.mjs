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
  // The modification time of a folder shows that a file was removed from it.
  const sources = FOLDERS.flatMap((folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  ]);
  return Math.max(
    ...[...sources, ...CONFIGURATION].map((name) => statSync(join(root, name)).mtimeMs),
  );
}
