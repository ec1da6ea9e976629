import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { outputOf } from '../consumers/run';
import { NODES } from './versions';

const FOLDER = join(__dirname, '../../build/matrix/nodes');
const PLATFORM = process.platform === 'win32' ? 'win' : process.platform;
const BINARY = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';

export interface Node {
  readonly version: string;
  readonly program: string;
}

/** The Node.js versions of the matrix: the package `node` is made of one package for each platform, which holds it. */
export const nodes: readonly Node[] = NODES.map((version) => ({
  version,
  program: join(FOLDER, 'node_modules', `node-${version}`, BINARY),
}));

/** What Vitest runs before the tests of the matrix. */
export default async function installNodes(): Promise<void> {
  if (nodes.some(({ program }) => !existsSync(program))) {
    mkdirSync(FOLDER, { recursive: true });
    const dependencies = Object.fromEntries(
      NODES.map((version) => [
        `node-${version}`,
        `npm:node-${PLATFORM}-${process.arch}@${version}`,
      ]),
    );
    writeFileSync(join(FOLDER, 'package.json'), JSON.stringify({ private: true, dependencies }));
    await outputOf('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], FOLDER);
  }
  for (const { version, program } of nodes) {
    const found = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
    if (found !== `v${version}`) throw new Error(`${program} is ${found}, not v${version}`);
  }
}
