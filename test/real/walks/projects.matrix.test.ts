import { delimiter, dirname } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT } from '../../consumers/consumer';
import { packedPackage } from '../../consumers/projects';
import { readPage } from '../../docs/markdown';
import { install, installed } from '../../matrix/install-libraries';
import { PROJECTS, type ProjectKind } from './project';
import { walkProject, walkReadme } from './walk-project';

const thePackage = packedPackage();

const COMPILED: readonly ProjectKind[] = [
  { typescript: '5.9' },
  { typescript: '6' },
  { typescript: '5.9', modules: 'ES modules' },
  { typescript: '6', modules: 'ES modules' },
  { typescript: '7', modules: 'ES modules' },
];

test.each(COMPILED.map((kind) => [Object.values(kind).join(' and '), kind] as const))(
  'the tutorial works with TypeScript %s',
  async (name, kind) => {
    await walkProject(thePackage, name.replaceAll(' ', '-'), kind);
  },
  TIMEOUT,
);

test.each(COMPILED.map((kind) => [Object.values(kind).join(' and '), kind] as const))(
  'the program of the README works with TypeScript %s',
  (name, kind) => walkReadme(thePackage, `readme-${name.replaceAll(' ', '-')}`, kind),
  TIMEOUT,
);

describe('other package managers', () => {
  beforeAll(() => install('package-managers'), TIMEOUT);

  const PATH = [dirname(installed('package-managers', '.bin/pnpm')), process.env['PATH']].join(
    delimiter,
  );

  test.each(['pnpm', 'Yarn'] as const)(
    'the program of the README works with %s',
    (manager) => walkReadme(thePackage, `readme-${manager}`, { manager }, { PATH }),
    TIMEOUT,
  );

  test(
    'the tutorial works with Yarn',
    async () => {
      await walkProject(thePackage, 'yarn', { manager: 'Yarn' }, { PATH });
    },
    TIMEOUT,
  );

  test(
    'the tutorial works with pnpm, which hides what generated code requires and the project does not list',
    async () => {
      const reader = await walkProject(thePackage, 'pnpm', { manager: 'pnpm' }, { PATH });
      const message = "Error: Cannot find module 'node-int64'";
      expect(readPage(PROJECTS)).toContain(message);

      await reader.run('pnpm remove node-int64 uuid');

      const { stderr } = await reader.start('node dist/server.js').ended;
      expect(stderr).toContain(message);
    },
    TIMEOUT,
  );
});
