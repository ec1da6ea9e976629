import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { npm } from '../consumers/run';
import { install, installLibraries } from './install-libraries';
import type { Node } from './node';
import { NODES } from './versions';

const FOLDER = join(__dirname, '../../build/matrix');
const PLATFORM = process.platform === 'win32' ? 'win' : process.platform;
const BINARY = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';

/** The Node.js versions of the matrix. */
export const nodes: readonly Node[] = NODES.map((version) => ({
  version,
  program: join(FOLDER, `node-${version}/node_modules/node`, BINARY),
}));

/** Global setup of the matrix tests. Installs what several files use, because npm first removes what is installed. */
export default async function installMatrix(): Promise<void> {
  await Promise.all([
    ...nodes.map(installNode),
    installLibraries(),
    install('older-thrift'),
    install('runtimes'),
  ]);
}

/** Installs the package of `node` for this platform, which contains the executable. */
export async function installNode({ version, program }: Node): Promise<void> {
  if (!existsSync(program)) {
    const folder = join(FOLDER, `node-${version}`);
    const dependencies = { node: `npm:node-${PLATFORM}-${process.arch}@${version}` };
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
    await npm(['install'], folder);
  }
  const found = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
  if (found !== `v${version}`) throw new Error(`${program} is ${found}, not v${version}`);
}
