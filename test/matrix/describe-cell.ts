import { expect, test } from 'vitest';

import { titleOf, type Cell } from './cell';
import { differencesOf } from './differences';
import { runCell } from './run-cell';
import { mainOutputsFor, outputsFor } from '../thrift/outputs';

/** The least number of tests that must pass, so that a cell that finds no tests fails. */
const AT_LEAST = 2000;
/** For thousands of tests on a busy machine, in milliseconds. */
const TIMEOUT = 900_000;

/** Tests that the bundle tests pass with these libraries, except where Thrift itself behaves differently. */
export function describeCell(cell: Cell, node: string): void {
  test(`the bundle tests pass with ${titleOf(cell)}`, { timeout: TIMEOUT }, async () => {
    const { passed, failed } = await runCell(cell, node);
    const differences = differencesOf(cell);
    const isDifference = (title: string) => differences.some((pattern) => pattern.test(title));
    expect(failed.filter(({ title }) => !isDifference(title))).toEqual([]);
    for (const pattern of differences) {
      expect(failed.map(({ title }) => title)).toContainEqual(expect.stringMatching(pattern));
    }
    expect(passed.length).toBeGreaterThanOrEqual(AT_LEAST);
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
