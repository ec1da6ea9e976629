import { expect, test } from 'vitest';

import { writeFigures } from '../../bench/documents/readme-figures.mjs';
import { fillRegions, regionsOf } from '../../bench/documents/regions.mjs';
import { GROUPS } from '../../bench/groups.mjs';
import { readPage } from './markdown';

const PAGES = ['docs/explanation/performance.md', 'docs/how-to/tracing.md'];
const COMPARED = ['compare', 'compare-features'];

const FIGURES = {
  lines: '1001',
  handLines: '1002',
  added: '1003',
  handAdded: '1004',
  openTelemetryAdded: '1005',
  cpu: '1006 ms',
  block: '1007 ms',
  handCpu: '1008 ms',
  handBlock: '1009 ms',
};

test('every table of the benchmarks has exactly one region in the documentation', () => {
  const tables = new Set([...GROUPS.map(({ table }) => table), ...COMPARED]);
  const regions = PAGES.flatMap((page) => regionsOf(readPage(page)));
  expect(regions.toSorted()).toEqual([...tables].toSorted());
});

test('a region takes its table, and a region without one keeps what it has', () => {
  const page = [
    '# Title',
    '<!-- bench: one -->\n\nold\n\n<!-- /bench -->',
    'Between.',
    '<!-- bench: two -->\n\nkept\n\n<!-- /bench -->',
    'After.\n',
  ].join('\n\n');

  expect(fillRegions(page, new Map([['one', '| $& |']]))).toBe(page.replace('old', () => '| $& |'));
});

test('an empty region takes its table', () => {
  expect(fillRegions('<!-- bench: one -->\n\n<!-- /bench -->\n', new Map([['one', '| a |']]))).toBe(
    '<!-- bench: one -->\n\n| a |\n\n<!-- /bench -->\n',
  );
});

test('each figure of the README that a benchmark measures is written where it stands', () => {
  const written = writeFigures(readPage('README.md'), FIGURES);

  for (const figure of Object.values(FIGURES)) expect(written).toContain(` ${figure}`);
  // Nothing else has changed: other figures in the same places give the same text.
  const others = Object.fromEntries(
    Object.entries(FIGURES).map(([name, figure]) => [name, figure.replace('100', '7.')]),
  ) as typeof FIGURES;
  expect(writeFigures(written, others)).toBe(writeFigures(readPage('README.md'), others));
});

test('a README that has lost a sentence with figures is reported', () => {
  const readme = readPage('README.md').replace('of CPU and blocks', 'and blocks');

  expect(() => writeFigures(readme, FIGURES)).toThrow('README.md has 0 sentences like this one: A');
});
