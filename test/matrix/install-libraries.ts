import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { npm } from '../consumers/run';
import { isOlder, type ThriftVersion } from './versions';

/** What can be installed here: each has a folder with a `package.json` and its lockfile. */
export type Installation =
  | 'libraries'
  | 'older-thrift'
  | 'package-managers'
  | 'runtimes'
  | 'thrift-peers';

const BUILD = join(__dirname, '../../build/matrix');

/** Installs what a lockfile lists. Versions of one package are side by side, each under a name that contains the version. */
export async function install(installation: Installation): Promise<void> {
  const folder = join(BUILD, installation);
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    // oxlint-disable-next-line no-await-in-loop -- two small files
    await cp(join(__dirname, installation, file), join(folder, file));
  }
  await npm(['ci'], folder);
}

export const installLibraries = (): Promise<void> => install('libraries');

/** The folder of an installed package. */
export function installed(installation: Installation, name: string): string {
  return join(BUILD, installation, 'node_modules', name);
}

/** The folder of one version of a library. */
export function libraryFolder(name: string, version: string): string {
  return installed('libraries', `${name}-${version}`);
}

/** The folder of one version of `thrift`. */
export function thriftFolder(version: ThriftVersion): string {
  return installed(isOlder(version) ? 'older-thrift' : 'libraries', `thrift-${version}`);
}
