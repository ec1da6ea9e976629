import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { thisNode } from '../matrix/node';
import { checkConsumers } from './checks';
import { packedPackage } from './projects';

/** The entry of a package in package-lock.json. */
interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
}

const readJson = (file: string): unknown =>
  JSON.parse(readFileSync(join(__dirname, '../..', file), 'utf8'));

const thePackage = packedPackage();

describe('the tarball', () => {
  test('holds a bundle, the declarations of what can be imported, the live page, and nothing else', () => {
    expect(thePackage.packed.files.toSorted()).toEqual([
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
    expect(thePackage.packed.unpackedSize).toBeLessThanOrEqual(300_000);
  });

  test('neither the package nor its dependencies run install scripts', () => {
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

checkConsumers({ install: thePackage.install, nodes: [thisNode] });
