import { expect, test } from 'vitest';

import { titleOf, type Cell } from './cell';
import { differencesOf } from './differences';
import { runCell } from './run-cell';

/** No fewer than there were when this was written: a cell that finds no tests must not pass. */
const AT_LEAST = 1400;

/** A test that the tests of the bundle pass with these libraries, but for what is another thing in Thrift itself. */
export function describeCell(cell: Cell, node: string): void {
  test(`the tests of the bundle pass with ${titleOf(cell)}`, async () => {
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
