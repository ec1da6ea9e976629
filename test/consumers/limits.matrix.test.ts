// Checks what docs/reference/compatibility.md says does not work. When one of these tests fails, update the page.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { nodes } from '../matrix/install-nodes';
import { TIMEOUT } from './consumer';
import { packedPackage } from './projects';
import { npm, run } from './run';
import { JEST, runTests, VITEST } from './run-tests';

const thePackage = packedPackage();

const major = (version: string) => Number(version.split('.')[0]);
const stripping = nodes.filter(({ version }) => major(version) >= 22);

test.each(stripping)(
  'Node.js $version strips types but does not compile decorators',
  async ({ program }) => {
    const file = join(thePackage.folder, 'decorated.mts');
    await writeFile(
      file,
      'const mark = (..._: unknown[]) => {};\nclass Marked { @mark run() {} }\n',
    );
    const { code, stderr } = await run(program, [file], thePackage.folder);
    expect(code).toBe(1);
    expect(stderr).toContain('SyntaxError');
  },
);

describe('Vite 8', () => {
  let project: string;
  beforeAll(async () => {
    project = await thePackage.install('vitest', ['vite@^8.0.0']);
  }, TIMEOUT);

  const failedFiles = async () => {
    const files = await runTests(process.execPath, VITEST, project);
    return files.filter(({ status }) => status !== 'passed');
  };

  test('Vite 8 compiles legacy decorators but not standard ones', async () => {
    expect(await failedFiles()).toEqual([
      expect.objectContaining({
        name: expect.stringContaining('standard/lookup.test.ts'),
        message: expect.stringContaining('Invalid or unexpected token'),
      }),
    ]);
  });

  test('Vite 8 runs standard decorators that a plugin has compiled', async () => {
    await npm(['install', 'esbuild'], project);
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
    project = await thePackage.install('jest', ['thrift@^0.24.0']);
  }, TIMEOUT);

  test.each(nodes)('Jest cannot require thrift 0.24 on Node.js $version', async ({ program }) => {
    const { code, stderr } = await run(program, [JEST], project);
    expect(code).toBe(1);
    expect(stderr).toContain('Must use import to load ES Module');
  });

  test.each(nodes.filter(({ version }) => major(version) >= 24))(
    'Jest can require thrift 0.24 on Node.js $version with --experimental-vm-modules',
    async ({ program }) => {
      const { code } = await run(program, ['--experimental-vm-modules', JEST], project);
      expect(code).toBe(0);
    },
  );
});
