import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { readPage, root, rowsOf } from './markdown';

const PAGE = 'docs/explanation/architecture.md';

const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `${entry.name}/`)
  .toSorted();

test('docs/explanation/architecture.md and CONTRIBUTING.md describe every folder of src', () => {
  for (const rows of [rowsOf(PAGE, 'room', 'what it does'), rowsOf('CONTRIBUTING.md', 'folder')]) {
    expect(rows.map((row) => row['room'] ?? row['folder'] ?? '').toSorted()).toEqual(folders);
  }
});

test('docs/explanation/architecture.md lists the import directions that the linter enforces', () => {
  const messages = readPage('.oxlintrc.json').matchAll(/"(\w+\/) may import ([\w, ]+) \(/g);
  const enforced = Object.fromEntries([...messages].map(([, folder, others]) => [folder, others]));
  const described = rowsOf(PAGE, 'room', 'may import');
  expect(Object.fromEntries(described.map((row) => [row['room'], row['may import']]))).toEqual(
    enforced,
  );
});

describe('the architecture diagram', () => {
  const picture = readPage('docs/images/architecture.svg');

  test('the architecture diagram shows every folder of src exactly once', () => {
    const drawn = [...picture.matchAll(/class="room"[^>]*>([^<]+)</g)].map(([, name]) => name);
    expect(new Set(drawn)).toEqual(new Set(folders));
    expect(drawn).toHaveLength(folders.length);
  });

  test('the architecture diagram draws arrows only between folders of which one may import the other', () => {
    const described = rowsOf(PAGE, 'room', 'may import');
    const mayImport = new Set(
      described.flatMap((row) =>
        (row['may import'] ?? '').split(', ').map((other) => `${row['room']} ${other}/`),
      ),
    );
    const arrows = [...picture.matchAll(/data-from="(\w+)" data-to="(\w+)"/g)];
    expect(arrows.length).toBeGreaterThan(5);
    const unfounded = arrows.filter(
      ([, from, to]) => !mayImport.has(`${from}/ ${to}/`) && !mayImport.has(`${to}/ ${from}/`),
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
