import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, test } from 'vitest';

import { install, installed } from '../matrix/install-libraries';
import {
  copyService,
  expectMeasuredIn,
  INSTALLED,
  MODES,
  NODE,
  type Runtime,
} from '../matrix/library-service';
import { TIMEOUT } from './consumer';
import { packedPackage } from './projects';
import { npm, outputOf } from './run';

// Of a release whose dependencies are all CommonJS: Yarn's Plug'n'Play does not load ES modules of archives by `require`.
const LIBRARIES = { thrift: '0.16.0', 'prom-client': '15.1.3', 'node-int64': '*', q: '*' };
const GENERATED = join(__dirname, '../thrift/outputs/0.17/gen-nodejs');

const packed = packedPackage();
beforeAll(() => install('package-managers'), TIMEOUT);

/** Creates a project with the program and the packed package. */
async function create(name: string): Promise<string> {
  const folder = join(packed.folder, name);
  await mkdir(folder, { recursive: true });
  await copyService(folder, GENERATED);
  const dependencies = { ...LIBRARIES, 'thrift-metrics': `file:${packed.packed.tarball}` };
  await write(folder, 'package.json', { name: 'service', private: true, dependencies });
  return folder;
}

function write(folder: string, name: string, content: object): Promise<void> {
  return writeFile(join(folder, name), JSON.stringify(content));
}

describe('pnpm, which links packages', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await create('pnpm');
    await outputOf(installed('package-managers', '.bin/pnpm'), ['install'], folder);
  }, TIMEOUT);

  test.each(MODES)('measures the program with %s', async (mode) => {
    await expectMeasuredIn(folder, NODE, mode, INSTALLED);
  });
});

describe("Yarn's Plug'n'Play, which has no node_modules", () => {
  const yarn = installed('package-managers', '@yarnpkg/cli-dist/bin/yarn.js');
  const runtime: Runtime = { program: process.execPath, run: [yarn, 'node'], preload: '--require' };
  let folder = '';
  beforeAll(async () => {
    folder = await create('yarn');
    // Marks the folder as a project of its own.
    await writeFile(join(folder, 'yarn.lock'), '');
    await outputOf(process.execPath, [yarn, 'install', '--no-immutable'], folder);
  }, TIMEOUT);

  test.each(MODES)('measures the program with %s', async (mode) => {
    await expectMeasuredIn(folder, runtime, mode, INSTALLED);
  });
});

describe('a workspace of npm, whose packages are in the folder above', () => {
  let folder = '';
  beforeAll(async () => {
    const root = join(packed.folder, 'workspaces');
    folder = await create('workspaces/packages/service');
    await write(root, 'package.json', { private: true, workspaces: ['packages/*'] });
    await npm(['install'], root);
  }, TIMEOUT);

  test.each(MODES)('measures the program with %s', async (mode) => {
    await expectMeasuredIn(folder, NODE, mode, INSTALLED);
  });
});
