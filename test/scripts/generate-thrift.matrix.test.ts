import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { blocksIn, whereIs } from '../docs/blocks';
import { runProgram, type Ended } from '../support/start-program';

// In the matrix, because only these tests need compilers.

const root = join(__dirname, '../..');

const generate = (...options: string[]): Promise<Ended> =>
  runProgram(process.execPath, ['scripts/generate-thrift.mjs', ...options]);

beforeAll(async () => {
  const { code, stderr } = await generate('--fetch', '--check');
  // What a compiler finds is the subject of the first test.
  if (code !== 0 && !stderr.includes('does not match')) throw new Error(stderr);
});

test('the committed generated code is what the Thrift compilers write', async () => {
  expect(await generate('--check')).toEqual({ code: 0, stdout: '', stderr: '' });
});

test.each(blocksIn('thrift').map((block) => [whereIs(block), block.code] as const))(
  'the Thrift compiler compiles %s without a warning',
  async (_where, text) => {
    const { compilerOf } = (await import(join(root, 'scripts/compilers.mjs'))) as {
      compilerOf(release: string): [string, ...string[]];
    };
    const folder = await mkdtemp(join(tmpdir(), 'idl-'));
    const idl = join(folder, 'block.thrift');
    await writeFile(idl, text);
    const [program, ...args] = compilerOf('0.24');

    const strictly = ['-strict', '--gen', 'js:node,es6,ts', '-out', folder, idl];
    const ended = await runProgram(program, [...args, ...strictly]);

    await rm(folder, { recursive: true });
    expect(ended).toEqual({ code: 0, stdout: '', stderr: '' });
  },
);

describe('outdated generated code', () => {
  let copy: string;
  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'generated-'));
    await Promise.all(
      ['scripts', 'examples', 'test/thrift', 'test/real/walks'].map((folder) =>
        cp(join(root, folder), join(copy, folder), { recursive: true }),
      ),
    );
    await mkdir(join(copy, 'build'));
    await symlink(join(root, 'build/compilers'), join(copy, 'build/compilers'));
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
