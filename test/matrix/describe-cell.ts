import { expect, test } from 'vitest';

import { titleOf, type Cell } from './cell';
import { differencesOf } from './differences';
import type { Program } from './node';
import { runCell } from './run-cell';
import { mainOutputsFor, outputsFor } from '../thrift/outputs';

/** The least number of tests that must run, so that a cell that finds no tests fails. */
const AT_LEAST = 2000;
/** For thousands of tests, over a hundred of which wait for an answer that never comes in some cells, in milliseconds. */
const TIMEOUT = 1_800_000;

/** Tests that exactly those bundle tests fail with these libraries that are known to differ. */
export function describeCell(cell: Cell, program: Program): void {
  const title = `the bundle tests pass with ${titleOf(cell)}, except where it is known to differ`;
  test(title, { timeout: TIMEOUT }, async () => {
    const { passed, failed } = await runCell(cell, program);
    const differences = differencesOf(cell);
    const isKnown = (name: string) => differences.some(({ tests }) => tests.test(name));
    expect(failed.filter((each) => !isKnown(each.title))).toEqual([]);
    expect(passed.filter(isKnown)).toEqual([]);
    for (const { tests } of differences) {
      expect(failed.map((each) => each.title)).toContainEqual(expect.stringMatching(tests));
    }
    expect(passed.length + failed.length).toBeGreaterThanOrEqual(AT_LEAST);
    expect(stylesIn(passed)).toEqual(stylesOf(cell));
  });
}

/** The outputs of the Thrift compiler that the cell compares, bare and instrumented. */
function stylesOf({ thrift, runsAllOutputs = false }: Cell): Set<string> {
  const outputs = runsAllOutputs ? outputsFor(thrift) : mainOutputsFor(thrift);
  return new Set(outputs.map(({ style }) => style));
}

/** Those with which test/thrift/service/same-service.test.ts has passed. */
function stylesIn(titles: readonly string[]): Set<string | undefined> {
  const compared = titles.filter((title) => title.includes(' byte for byte like a plain one'));
  return new Set(compared.map((title) => /^generated code in '(.+?)'/.exec(title)?.[1]));
}
