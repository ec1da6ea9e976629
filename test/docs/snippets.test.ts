import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { startProgram } from '../support/start-program';
import { extractBlocks, type Extracted } from './extract';
import { blocksOf, root } from './markdown';

let folder = '';
let blocks: Extracted[] = [];

beforeAll(() => {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('not built: npm run build');
  ({ folder, blocks } = extractBlocks());
});

test('every ts block of the README and of docs compiles', async () => {
  expect(blocks.length).toBeGreaterThan(0);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { code, stdout } = await startProgram(process.execPath, [tsc, '-p', folder]).ended;
  const where = blocks.map(({ file, page, line }) => `${file} is ${page}:${line}`).join('\n');
  expect(stdout, where).toBe('');
  expect(code).toBe(0);
});

test('blocks of a page have file names of their own', () => {
  const files = blocks.map(({ file }) => file);
  expect(files.filter((file, i) => files.indexOf(file) !== i)).toEqual([]);
});

test('the first program of the README runs and serves the metrics that it shows', async () => {
  const snippet = blocks.find(({ page }) => page === 'README.md');
  const shown = blocksOf('README.md').find(({ language }) => language === 'text');
  const program = startProgram(process.execPath, [
    `--require=${join(__dirname, 'free-port.cjs')}`,
    '--import=tsx',
    join(folder, snippet?.file ?? ''),
  ]);
  try {
    const [, url = ''] = await program.writes(/^3 (http:\/\/localhost:\d+\/metrics)$/m);
    const served = (await (await fetch(url)).text()).split('\n');
    expect(served).toEqual(expect.arrayContaining(shown?.code.trim().split('\n') ?? []));
  } finally {
    await program.stop();
  }
});
