import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { MODULES } from '../../scripts/check-architecture.mjs';
import { readPage, root, rowsOf } from './markdown';

const PAGE = 'docs/explanation/architecture.md';

const foldersOf = (path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${entry.name}/`)
    .toSorted();

const folders = foldersOf('src');

test('docs/explanation/architecture.md and CONTRIBUTING.md describe every folder of src', () => {
  for (const rows of [
    rowsOf(PAGE, 'module', 'what it does'),
    rowsOf('CONTRIBUTING.md', 'folder'),
  ]) {
    expect(rows.map((row) => row['module'] ?? row['folder'] ?? '').toSorted()).toEqual(folders);
  }
});

test('CONTRIBUTING.md names a file to begin with in each folder of src, and it exists', () => {
  const files = rowsOf('CONTRIBUTING.md', 'folder').map(
    (row) => `src/${row['folder']}${row['begin with']}`,
  );
  expect(files).toHaveLength(folders.length);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('CONTRIBUTING.md describes the folders within the folders of src', () => {
  const described = rowsOf('CONTRIBUTING.md', 'inner folder').flatMap((row) =>
    (row['inner folder'] ?? '').split(', '),
  );
  const inner = folders.flatMap((folder) =>
    foldersOf(`src/${folder}`).map((name) => `${folder}${name}`),
  );
  expect(described).toEqual(expect.arrayContaining(inner));
  expect(described.filter((folder) => !existsSync(join(root, 'src', folder)))).toEqual([]);
});

test('CONTRIBUTING.md describes every folder of test that does not mirror a folder of src', () => {
  const described = rowsOf('CONTRIBUTING.md', 'test folder').map((row) => `${row['test folder']}/`);
  const others = foldersOf('test').filter((name) => !folders.includes(name));
  expect(described).toEqual(expect.arrayContaining(others.map((name) => `test/${name}`)));
});

test('docs/explanation/architecture.md lists the import directions that npm run architecture enforces', () => {
  const described = rowsOf(PAGE, 'module', 'may import');
  const enforced = Object.entries(MODULES).map(([module, others]) => [
    `${module}/`,
    others.join(', ') || 'no other module',
  ]);
  expect(described.map((row) => [row['module'], row['may import']])).toEqual(enforced);
});

describe('the architecture diagram', () => {
  const picture = readPage('docs/images/architecture.svg');

  test('the architecture diagram shows every folder of src exactly once', () => {
    const drawn = [...picture.matchAll(/class="module"[^>]*>([^<]+)</g)].map(([, name]) => name);
    expect(new Set(drawn)).toEqual(new Set(folders));
    expect(drawn).toHaveLength(folders.length);
  });

  test('the architecture diagram draws arrows only between modules of which one may import the other', () => {
    const mayImport = new Set(
      Object.entries(MODULES).flatMap(([module, others]) =>
        others.map((other) => `${module} ${other.replace(' (types)', '')}`),
      ),
    );
    const arrows = [...picture.matchAll(/data-from="(\w+)" data-to="(\w+)"/g)];
    expect(arrows.length).toBeGreaterThan(5);
    const unfounded = arrows.filter(
      ([, from, to]) => !mayImport.has(`${from} ${to}`) && !mayImport.has(`${to} ${from}`),
    );
    expect(unfounded.map(([arrow]) => arrow)).toEqual([]);
  });

  test('the description and the alternative text of the architecture diagram name every folder', () => {
    const description = /<desc[^>]*>([^]*)<\/desc>/.exec(picture)?.[1] ?? '';
    const alternative = /!\[([^\]]*)\]\(\.\.\/images\/architecture\.svg\)/.exec(
      readPage(PAGE),
    )?.[1];
    for (const words of [description, alternative ?? '']) {
      const named = new Set(words.toLowerCase().match(/\w+/g));
      expect(folders.filter((folder) => !named.has(folder.slice(0, -1)))).toEqual([]);
    }
  });

  test('the architecture diagram has colors for a dark background and loads nothing external', () => {
    expect(picture).toContain('prefers-color-scheme: dark');
    expect(picture).not.toMatch(/href|url\((?!#)|<script|@import/);
  });
});
