import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

import { describe, expect, test } from 'vitest';

import { markdownFiles, proseOf, root } from '../docs/markdown';
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

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));

const thePackage = packedPackage();

/** Bytes of the unpacked tarball without its documentation. uPlot, which draws the charts of the live page, is a dependency. */
const SIZE_LIMIT = 1.25 * 2 ** 20;
/** Characters: an error that prints its source line stays below 2,000 bytes (mistakes.test.ts). */
const LINE_LIMIT = 400;

const isDocumentation = (file: string) => /^(?:docs|examples)\//.test(file);

describe('the tarball', () => {
  test('has the code, its declarations, the live page and the documentation, and nothing else', () => {
    const { files } = thePackage.packed;
    expect(files.filter((file) => !isDocumentation(file)).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist/auto.d.ts',
      'dist/auto.js',
      'dist/cli.js',
      'dist/core.js',
      'dist/dashboards.d.ts',
      'dist/dashboards.js',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/opentelemetry.d.ts',
      'dist/opentelemetry.js',
      'dist/page/icon-lost.svg.br',
      'dist/page/icon-trouble.svg.br',
      'dist/page/icon.svg.br',
      'dist/page/main.js.br',
      'dist/page/page.css.br',
      'dist/page/profile.js.br',
      'dist/page/shared.js.br',
      'dist/tools.js',
      'dist/tracing.js',
      'package.json',
      'schema/config.json',
    ]);
    const pages = files.filter((file) => isDocumentation(file) && file.endsWith('.md'));
    expect(pages.toSorted()).toEqual(
      [...markdownFiles('docs'), ...markdownFiles('examples')].toSorted(),
    );
  });

  test('has no modules that wait for a call before they run', () => {
    // What Rolldown adds where a CommonJS module imports others. It wraps all of them.
    expect(readFileSync(join(root, 'dist/core.js'), 'utf8')).not.toContain('__esmMin');
  });

  test(`without its documentation is no larger than ${SIZE_LIMIT} bytes unpacked`, () => {
    const sizes = [...thePackage.packed.sizes].filter(([file]) => !isDocumentation(file));
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(SIZE_LIMIT);
  });

  test('has every file that a link or a picture in README.md leads to', () => {
    const targets = [...proseOf('README.md').matchAll(/\]\(([^)\s#]+)/g)]
      .map(([, target]) => target as string)
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => normalize(target));
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter((target) => !thePackage.packed.files.includes(target))).toEqual([]);
  });

  test('has readable code: short lines, and the names of the source', () => {
    for (const file of thePackage.packed.files.filter((path) => path.endsWith('.js'))) {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      expect({ file, long: lines.filter((line) => line.length > LINE_LIMIT) }).toEqual({
        file,
        long: [],
      });
    }
    expect(readFileSync(join(root, 'dist/core.js'), 'utf8')).toMatch(/^function checkOptions\(/m);
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
