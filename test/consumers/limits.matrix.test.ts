// What docs/reference/compatibility.md says does not work: where one of these passes no more, the page is to be changed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { nodes } from '../matrix/install-nodes';
import { TIMEOUT } from './consumer';
import { install, pack, temporaryFolder, type Packed } from './projects';
import { run } from './run';

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let packed: Packed;

beforeAll(async () => {
  temporary = await temporaryFolder();
  packed = await pack(temporary.path);
}, TIMEOUT);

afterAll(() => temporary.remove());

const major = (version: string) => Number(version.split('.')[0]);
const stripping = nodes.filter(({ version }) => major(version) >= 22);

test.each(stripping)(
  'Node.js $version strips types, and leaves decorators',
  async ({ program }) => {
    const file = join(temporary.path, 'decorated.mts');
    await writeFile(
      file,
      'const mark = (..._: unknown[]) => {};\nclass Marked { @mark run() {} }\n',
    );
    const { code, stderr } = await run(program, [file], temporary.path);
    expect(code).toBe(1);
    expect(stderr).toContain('SyntaxError');
  },
);

describe('Vite 8', () => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json'];
  let project: string;
  beforeAll(async () => {
    project = await install('vitest', packed, ['vite@^8.0.0']);
  }, TIMEOUT);

  const failedFiles = async () => {
    const { stdout } = await run(process.execPath, vitest, project);
    const { testResults } = JSON.parse(stdout) as {
      testResults: { name: string; status: string; message: string }[];
    };
    return testResults.filter(({ status }) => status !== 'passed');
  };

  test('leaves standard decorators, and compiles legacy ones', async () => {
    expect(await failedFiles()).toEqual([
      expect.objectContaining({
        name: expect.stringContaining('standard/lookup.test.ts'),
        message: expect.stringContaining('Invalid or unexpected token'),
      }),
    ]);
  });

  test('runs standard decorators that a plugin has compiled', async () => {
    await run('npm', ['install', '--no-audit', '--no-fund', 'esbuild'], project);
    await writeFile(
      join(project, 'vitest.config.mjs'),
      `import { transform } from 'esbuild';

const decorators = {
  name: 'decorators',
  enforce: 'pre',
  transform: (code, id) =>
    /standard.*\\.ts$/.test(id) ? transform(code, { loader: 'ts', target: 'es2022' }) : undefined,
};

export default { plugins: [decorators] };
`,
    );
    expect(await failedFiles()).toEqual([]);
  });
});

describe('Jest with thrift 0.24, whose dependency is an ES module', () => {
  let project: string;
  beforeAll(async () => {
    project = await install('jest', packed, ['thrift@^0.24.0']);
  }, TIMEOUT);

  const jest = 'node_modules/jest/bin/jest.js';

  test.each(nodes)('cannot require it on Node.js $version', async ({ program }) => {
    const { code, stderr } = await run(program, [jest], project);
    expect(code).toBe(1);
    expect(stderr).toContain('Must use import to load ES Module');
  });

  test.each(nodes.filter(({ version }) => major(version) >= 24))(
    'can on Node.js $version with --experimental-vm-modules',
    async ({ program }) => {
      const { code } = await run(program, ['--experimental-vm-modules', jest], project);
      expect(code).toBe(0);
    },
  );
});
