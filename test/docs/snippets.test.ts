import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { freePorts } from '../support/free-ports';
import { runProgram, startProgram } from '../support/start-program';
import { extractBlocks, type Extracted } from './extract';
import { blocksOf, root } from './markdown';

let folder = '';
let projects: string[] = [];
let blocks: Extracted[] = [];

beforeAll(() => {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('not built: npm run build');
  ({ folder, projects, blocks } = extractBlocks('snippets'));
});

test('every ts block of the README and of docs compiles', async () => {
  expect(blocks.length).toBeGreaterThan(0);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const where = blocks.map(({ file, page, line }) => `${file} is ${page}:${line}`).join('\n');
  for (const project of projects) {
    const { code, stdout } = await runProgram(process.execPath, [tsc, '-p', project]);
    expect(stdout, where).toBe('');
    expect(code).toBe(0);
  }
});

test('every js block of docs parses', async () => {
  const modules = blocks.filter(({ language }) => language === 'js');
  expect(modules.length).toBeGreaterThan(0);
  for (const { file, page, line } of modules) {
    const { stderr } = await runProgram(process.execPath, ['--check', join(folder, file)]);
    expect({ where: `${page}:${line}`, stderr }).toEqual({ where: `${page}:${line}`, stderr: '' });
  }
});

test('every code block of a page has a unique file name', () => {
  const files = blocks.map(({ file }) => file);
  expect(files.filter((file, i) => files.indexOf(file) !== i)).toEqual([]);
});

test('the first program of the README runs and serves the metrics that the README shows', async () => {
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

test('the handler of docs/how-to/in-band-errors.md records the metrics that the page shows', async () => {
  const page = 'docs/how-to/in-band-errors.md';
  const shown = blocksOf(page).find(({ language }) => language === 'text');
  const program = join(__dirname, 'programs/call-warehouse.mts');
  const handler = join(folder, 'docs/how-to/in-band-errors/handler.ts');

  const { stdout, stderr } = await runProgram(process.execPath, ['--import=tsx', program, handler]);

  expect(stderr).toBe('');
  expect(shown?.code).toContain('thrift_exception_kind="result"');
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(shown?.code.trim().split('\n') ?? []));
});

test.each([
  [
    'docs/how-to/several-services/server.js',
    ['calculator.add', 'shared.getStruct'],
    [
      'thrift_server_requests_total{thrift_method="add",thrift_service="Calculator"} 1',
      'thrift_server_requests_total{thrift_method="getStruct",thrift_service="SharedService"} 1',
    ],
  ],
  [
    'docs/reference/services/multiplexed.js',
    ['free.ping', 'gold.ping'],
    ['free', 'gold'].map(
      (tier) =>
        `thrift_server_messages_total{thrift_message_type="call",thrift_method="ping",thrift_reply="reply",thrift_service="${tier}"} 1`,
    ),
  ],
])('%s serves several services on one port', async (module, calls, lines) => {
  const file = join(folder, module);
  const onFreePort = await freePorts([9091]);
  writeFileSync(file, onFreePort(readFileSync(file, 'utf8')));
  const caller = join(__dirname, 'programs/call-multiplexed.cjs');

  const { stdout, stderr } = await runProgram(process.execPath, [
    '--import=tsx',
    caller,
    file,
    onFreePort('9091'),
    ...calls,
  ]);

  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(lines));
});
