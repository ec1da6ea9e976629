import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { blocksOf } from '../docs/markdown';
import { startProgram } from '../support/start-program';

const root = join(__dirname, '../..');

test('npm run generate says which compiler is missing and how to get it', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'generate-'));
  try {
    cpSync(join(root, 'scripts'), join(copy, 'scripts'), { recursive: true });
    const script = join(copy, 'scripts/generate-thrift.mjs');

    const { code, stderr } = await startProgram(process.execPath, [script], '', { PATH: copy })
      .ended;

    expect(stderr).toBe(
      'The Thrift compiler 0.24 or newer is missing. `npm run generate -- --fetch` downloads it from Debian (forky or sid) to build/compilers. Without apt-get, put it on the PATH as `thrift` or `thrift-0.24`.\n',
    );
    expect(code).toBe(1);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test('the committed output that stands for the compiler in the tutorial is that of its IDL', () => {
  const idl = blocksOf('docs/tutorial/first-service.md').find(
    ({ title }) => title === 'calculator.thrift',
  );
  expect(readFileSync(join(root, 'test/real/walks/calculator.thrift'), 'utf8')).toBe(idl?.code);
});
