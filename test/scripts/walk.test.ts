import { expect, test } from 'vitest';

import { countTyped, WAYS } from '../../scripts/walk/ways';
import { blocksOf, readPage, rowsOf, type Block } from '../docs/markdown';

const block = (title: string | undefined, code: string): Block => ({
  page: 'page.md',
  line: 1,
  section: undefined,
  language: 'sh',
  title,
  keepsRunning: false,
  code,
});

test('counts lines of commands, and characters of commands and files without indentation', () => {
  const commands = block(undefined, 'npm init -y\nnpm install q\n');
  const file = block('a.ts', 'if (a) {\n  b();\n}\n');
  expect(countTyped([commands, file])).toEqual({
    commands: 2,
    characters:
      'npm init -y'.length + 'npm install q'.length + 'if (a) {'.length + 'b();'.length + 1,
  });
});

const PAGE = 'docs/explanation/performance.md';

test('the page on performance says what all ways have in common', () => {
  const pages = ['scripts/walk/service.md', 'scripts/walk/prometheus.md'];
  const { commands, characters } = countTyped(pages.flatMap(blocksOf));
  const counted = `${commands} commands and ${characters.toLocaleString('en')} characters`;
  expect(readPage(PAGE)).toContain(counted);
});

test('the page on performance has the counts of every way', () => {
  const shown = rowsOf(PAGE, 'way').map((row) => Object.values(row));
  const counted = WAYS.map(({ name, toScrape, toAlert }) => {
    const cells = [countTyped(toScrape), countTyped([...toScrape, ...toAlert])].map(
      ({ commands, characters }) => [String(commands), characters.toLocaleString('en')],
    );
    return [name, ...cells.flat()];
  });
  const withoutMinutes = ([name, ...cells]: string[]) => [
    name,
    ...cells.filter((_, i) => i % 3 !== 2),
  ];
  expect(shown.map(withoutMinutes)).toEqual(counted);
});
