import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { pages } from './blocks';
import { readPage, root } from './markdown';

/** Matches `src/recording/wrap.ts`, but not `./src/handler.ts`, which is a path in a reader's project. */
const PATH_FROM_ROOT = /(?<![\w/.-])(?:src|test|scripts|bench|examples)\/[\w./-]*\w\/?/g;

/** Matches `recording/wrap.ts` in backticks. */
const PATH_FROM_SRC =
  /(?<=`)(?:validation|metrics|recording|runtime|declaration|api|thrift|scrape|signals|slo|tools|endpoint|configuration)\/[\w/-]*(?:\.ts)?(?=`)/g;

/** Placeholders in the description of a rule. */
const PLACEHOLDERS = new Set(['src/a/b.ts', 'test/a/b.test.ts', 'test/a/']);

function pathsIn(pattern: RegExp): { page: string; path: string }[] {
  return pages.flatMap((page) =>
    [...readPage(page).matchAll(pattern)].map(([path]) => ({ page, path })),
  );
}

test('every path of the repository that a page names exists', () => {
  const named = pathsIn(PATH_FROM_ROOT).filter(({ path }) => !PLACEHOLDERS.has(path));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
});

test('every path of a module that a page names exists in src', () => {
  const named = pathsIn(PATH_FROM_SRC);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ path }) => !existsSync(join(root, 'src', path)))).toEqual([]);
});
