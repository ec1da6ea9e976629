import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { readPage, root, rowsOf } from './markdown';

const PAGE = 'docs/explanation/architecture.md';

const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `${entry.name}/`)
  .toSorted();

test('every room of src is described in docs/explanation/architecture.md and CONTRIBUTING.md', () => {
  for (const rows of [rowsOf(PAGE, 'room', 'what it does'), rowsOf('CONTRIBUTING.md', 'folder')]) {
    expect(rows.map((row) => row['room'] ?? row['folder'] ?? '').toSorted()).toEqual(rooms);
  }
});

test('the import directions in docs/explanation/architecture.md are those that the linter holds', () => {
  const messages = readPage('.oxlintrc.json').matchAll(/"(\w+\/) may import ([\w, ]+) \(/g);
  const held = Object.fromEntries([...messages].map(([, room, others]) => [room, others]));
  const described = rowsOf(PAGE, 'room', 'may import');
  expect(Object.fromEntries(described.map((row) => [row['room'], row['may import']]))).toEqual(
    held,
  );
});

describe('the picture of the architecture', () => {
  const picture = readPage('docs/images/architecture.svg');

  test('has every room of src once, and no other', () => {
    const drawn = [...picture.matchAll(/class="room"[^>]*>([^<]+)</g)].map(([, name]) => name);
    expect(new Set(drawn)).toEqual(new Set(rooms));
    expect(drawn).toHaveLength(rooms.length);
  });

  test('has arrows only between rooms of which one may import the other', () => {
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

  test('tells in words what it shows, naming every room, and so does the page', () => {
    const description = /<desc[^>]*>([^]*)<\/desc>/.exec(picture)?.[1] ?? '';
    const alternative = /!\[([^\]]*)\]\(\.\.\/images\/architecture\.svg\)/.exec(
      readPage(PAGE),
    )?.[1];
    for (const words of [description, alternative ?? '']) {
      const told = new Set(words.toLowerCase().match(/\w+/g));
      expect(rooms.filter((room) => !told.has(room.slice(0, -1)))).toEqual([]);
    }
  });

  test('has colours for a dark background, and needs nothing from elsewhere', () => {
    expect(picture).toContain('prefers-color-scheme: dark');
    expect(picture).not.toMatch(/href|url\((?!#)|<script|@import/);
  });
});
