import { expect, test } from 'vitest';

import { proseOf, readPage } from './markdown';

const PERFORMANCE = 'docs/explanation/performance.md';

test('the README has at most 700 words', () => {
  expect(readPage('README.md').split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(700);
});

test('the README links only to files that the tarball holds', () => {
  const targets = [...proseOf('README.md').matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, target]) => target,
  );
  expect(targets.length).toBeGreaterThan(15);
  const outside = targets.filter(
    (target = '') => !/^(?:https:|docs\/|CHANGELOG\.md$|LICENSE$)/.test(target),
  );
  expect(outside).toEqual([]);
});

test('the README compares with prom-client by the figures of the performance page', () => {
  const cellsOf = (alternative: string): string[] => {
    const row = readPage(PERFORMANCE)
      .split('\n')
      .find((line) => line.startsWith(`| ${alternative} `));
    return (row ?? '')
      .split('|')
      .map((cell) => cell.trim())
      .filter(Boolean);
  };
  const [ours, byHand] = ['thrift-metrics', 'prom-client by hand'].map((alternative) => {
    const cells = cellsOf(alternative);
    const [cpu, block] = cells.slice(-3);
    return { time: Math.round(Number.parseFloat(cells[2] ?? '')), lines: cells.at(-1), cpu, block };
  });
  expect(readPage('README.md')).toContain(
    `The same four metrics take ${ours?.lines} lines of code instead of ${byHand?.lines}, ` +
      `and add ${ours?.time} ns to an async call instead of ${byHand?.time} ns`,
  );
  expect(readPage('README.md')).toContain(
    `A scrape of 10,000 histogram series takes ${ours?.cpu} of CPU and blocks the event loop for ${ours?.block} at most; ` +
      `prom-client takes ${byHand?.cpu}, and blocks it for ${byHand?.block}.`,
  );
});
