import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { checkConsumers } from './checks';
import { TIMEOUT } from './consumer';
import { install, pack, temporaryFolder, type Packed } from './projects';

/** What package-lock.json says of a package. */
interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
}

const here = (path: string) => join(__dirname, path);
const readJson = (file: string): unknown => JSON.parse(readFileSync(here(`../../${file}`), 'utf8'));

let temporary: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
let packed: Packed;

beforeAll(async () => {
  if (!existsSync(here('../../dist/index.js'))) {
    throw new Error('These tests pack the built package: npm run build');
  }
  temporary = await temporaryFolder();
  packed = await pack(temporary.path);
}, TIMEOUT);

afterAll(() => temporary?.remove());

describe('the tarball', () => {
  test('holds a bundle, the declarations of what can be imported, the live page, and nothing else', () => {
    expect(packed.files.toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'dist/auto.d.ts',
      'dist/auto.js',
      'dist/cli.js',
      'dist/core.js',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/opentelemetry.d.ts',
      'dist/opentelemetry.js',
      'dist/page/icon.svg.br',
      'dist/page/main.js.br',
      'dist/page/page.css.br',
      'package.json',
    ]);
  });

  test('is no larger than 300 kB unpacked', () => {
    expect(packed.unpackedSize).toBeLessThanOrEqual(300_000);
  });

  test('runs nothing when it is installed, and neither do its dependencies', () => {
    const { scripts } = readJson('package.json') as { scripts: object };
    for (const script of ['preinstall', 'install', 'postinstall']) {
      expect(scripts).not.toHaveProperty(script);
    }
    const { packages } = readJson('package-lock.json') as { packages: Record<string, Locked> };
    const installed = Object.entries(packages).filter(
      ([, { dev, devOptional, peer }]) => !dev && !devOptional && !peer,
    );
    expect(installed.map(([path]) => path)).toContain('node_modules/commander');
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });
});

checkConsumers({
  install: (project) => install(project, packed),
  nodes: [{ version: process.versions.node, program: process.execPath }],
});
