import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { npm } from '../consumers/run';

const FOLDER = join(__dirname, '../../build/matrix/libraries');

/** Installs all versions of the lockfile side by side, each under a name that contains the version. */
export async function installLibraries(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    // oxlint-disable-next-line no-await-in-loop -- two small files
    await cp(join(__dirname, 'libraries', file), join(FOLDER, file));
  }
  await npm(['ci'], FOLDER);
}

/** The folder of one version of a library. */
export function libraryFolder(name: string, version: string): string {
  return join(FOLDER, 'node_modules', `${name}-${version}`);
}
