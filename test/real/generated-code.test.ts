import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { runProgram } from '../support/start-program';

const root = join(__dirname, '../..');

test('the committed generated code is what the Thrift compiler writes', async () => {
  const { code, stdout, stderr } = await runProgram(process.execPath, [
    'scripts/generate-thrift.mjs',
    '--check',
  ]);

  expect(stdout + stderr).toBe('');
  expect(code).toBe(0);
});

test('generated code that somebody changed is named', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'generated-'));
  onTestFinished(() => rm(copy, { recursive: true }));
  await Promise.all(
    ['scripts', 'examples', 'test/thrift'].map((folder) =>
      cp(join(root, folder), join(copy, folder), { recursive: true }),
    ),
  );
  const changed = join(copy, 'test/thrift/gen-nodejs/Library.js');
  await writeFile(changed, `${await readFile(changed, 'utf8')}\n`);

  const script = join(copy, 'scripts/generate-thrift.mjs');
  const { code, stderr } = await runProgram(process.execPath, [script, '--check']);

  expect(stderr).toMatch(/^test\/thrift\/gen-nodejs is not what .*: Library\.js\n$/);
  expect(code).toBe(1);
});
