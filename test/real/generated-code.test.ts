import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { runProgram, type Ended } from '../support/start-program';

const root = join(__dirname, '../..');

test('the committed generated code is what the Thrift compiler writes', async () => {
  const { code, stdout, stderr } = await runProgram(process.execPath, [
    'scripts/generate-thrift.mjs',
    '--check',
  ]);

  expect(stdout + stderr).toBe('');
  expect(code).toBe(0);
});

describe('outdated generated code', () => {
  let copy: string;
  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'generated-'));
    await Promise.all(
      ['scripts', 'examples', 'test/thrift'].map((folder) =>
        cp(join(root, folder), join(copy, folder), { recursive: true }),
      ),
    );
  });
  afterEach(() => rm(copy, { recursive: true }));

  function check(): Promise<Ended> {
    const script = join(copy, 'scripts/generate-thrift.mjs');
    return runProgram(process.execPath, [script, '--check']);
  }

  test('the check of generated code names a changed file', async () => {
    const changed = join(copy, 'test/thrift/gen-nodejs/Library.js');
    await writeFile(changed, `${await readFile(changed, 'utf8')}\n`);

    const { code, stderr } = await check();

    expect(stderr).toMatch(
      /^test\/thrift\/gen-nodejs does not match .*: Library\.js\. Run npm run generate\.\n$/,
    );
    expect(code).toBe(1);
  });

  test('the check of generated code names a missing folder', async () => {
    await rm(join(copy, 'test/thrift/gen-nodejs'), { recursive: true });

    const { code, stderr } = await check();

    expect(stderr).toBe('test/thrift/gen-nodejs is missing. Run npm run generate.\n');
    expect(code).toBe(1);
  });
});
