import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

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
