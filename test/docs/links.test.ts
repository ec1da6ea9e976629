import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { expect, test } from 'vitest';

import { scripts } from '../../package.json';
import { anchorOf, headingsOf, markdownFiles, proseOf, readPage, root } from './markdown';

const pages = markdownFiles();

/** Links within the repository: the page they are on, the file they lead to, and the fragment. */
const links = pages.flatMap((page) =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target as string)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', fragment] = target.split('#');
      return {
        page,
        target,
        path: path === '' ? page : normalize(join(dirname(page), path)),
        fragment,
      };
    }),
);

test('every relative link leads to a file', () => {
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
});

test('every link with a fragment leads to a heading', () => {
  const dead = links.filter(
    ({ path, fragment }) =>
      fragment !== undefined && !headingsOf(path).map(anchorOf).includes(fragment),
  );
  expect(dead).toEqual([]);
});

test('every page in docs can be reached from docs/README.md', () => {
  const index = 'docs/README.md';
  const listed = new Set(links.filter(({ page }) => page === index).map(({ path }) => path));
  const all = pages.filter((page) => page.startsWith('docs/') && page !== index);
  expect(all.filter((page) => !listed.has(page))).toEqual([]);
});

test('every npm script that a page names exists', () => {
  const named = pages.flatMap((page) =>
    [...readPage(page).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name]) => name as string),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('npm start and npm test are in README.md and exist', () => {
  expect(readPage('README.md')).toMatch(/^npm start$/m);
  expect(readPage('README.md')).toMatch(/^npm test$/m);
  expect(scripts).toHaveProperty('start');
  expect(scripts).toHaveProperty('test');
});
