import { expect, test } from 'vitest';

import { titleOf, type Cell } from './cell';
import { differencesOf } from './differences';
import { runCell } from './run-cell';

/** The least number of tests that must pass, so that a cell that finds no tests fails. */
const AT_LEAST = 1400;

/** Tests that the bundle tests pass with these libraries, except where Thrift itself behaves differently. */
export function describeCell(cell: Cell, node: string): void {
  const timeout = cell.runsAllOutputs === true ? 900_000 : 180_000;
  test(`the bundle tests pass with ${titleOf(cell)}`, { timeout }, async () => {
    const { passed, failed } = await runCell(cell, node);
    const differences = differencesOf(cell);
    const isDifference = (title: string) => differences.some((pattern) => pattern.test(title));
    expect(failed.filter(({ title }) => !isDifference(title))).toEqual([]);
    for (const pattern of differences) {
      expect(failed.map(({ title }) => title)).toContainEqual(expect.stringMatching(pattern));
    }
    expect(passed).toBeGreaterThanOrEqual(AT_LEAST);
  });
}
