// The results of the last run of each group, as JSON in `build/bench`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../scripts/run.mjs';
import { describeMachine } from './describe-machine.mjs';
import { Progress } from './progress.mjs';

/** The file with the results of a benchmark, `bench` or `compare`. */
export const fileOf = (benchmark) => join(root, 'build/bench', `${benchmark}.json`);

/** Reads the results by group: when, where and how long each was measured, and what was found. */
export function readResults(benchmark) {
  try {
    return JSON.parse(readFileSync(fileOf(benchmark), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * Runs groups one after the other, and writes the result of each as soon as it is there, so that an interrupted run can be
 * continued with `--only`. Returns the results of all groups.
 */
export async function runGroups(benchmark, groups, isQuick) {
  const progress = new Progress(groups.map(({ seconds }) => seconds));
  mkdirSync(join(root, 'build/bench'), { recursive: true });
  for (const group of groups) {
    const { result, seconds } = await progress.step(group.name, group.seconds, group.run);
    const all = readResults(benchmark);
    all[group.name] = { machine: describeMachine(), quick: isQuick, seconds, result };
    writeFileSync(fileOf(benchmark), `${JSON.stringify(all, null, 2)}\n`);
  }
  return { results: readResults(benchmark), seconds: progress.seconds };
}

/** Describes the machines on which groups were measured; more than one if they were not measured in one run. */
export function machinesOf(entries) {
  return [...new Set(entries.map(({ machine }) => machine))].join('; ');
}
