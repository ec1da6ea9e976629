// What scripts/mutation/together.mjs and the runners that it starts tell each other, in files of one folder.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const folder = process.env['MUTATION_FOLDER'];

/** What a process leaves that has run all its tests, or that has stopped because one can no longer be repeated. */
export const ENDED = 'ended';
export const TAINTED = 'tainted';

/** What the code of the mutants reads and writes, by the name that Stryker gives it. */
export const state = (globalThis.__stryker__ ??= {});

const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;
const WAITED = 'The test waits too long.';

/** The file with what each test of a file reaches. */
export const coverageFile = (file) =>
  join(folder, 'coverage', `${relative(process.cwd(), file).replaceAll('/', '+')}.json`);

export function linesOf(name) {
  try {
    return readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

export const write = (name, lines) =>
  appendFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));

/** Says what runs now: the id of a mutant, nothing, or how the process has ended. */
export const writeCurrent = (text) => writeFileSync(join(folder, 'current'), text);

/** Settles as the task does, or rejects after this many milliseconds. Tests may replace the timers of the process. */
export async function within(milliseconds, task) {
  let timer;
  const waited = new Promise((_resolve, reject) => {
    timer = startTimeout(() => reject(new Error(WAITED)), milliseconds);
  });
  try {
    await Promise.race([task(), waited]);
  } finally {
    stopTimeout(timer);
  }
}

/** Returns whether a test has failed because it waited too long, or because a mutant looped too often. */
export const isWait = (message) =>
  /timed out in|Hit count limit/.test(message) || message === WAITED;

/** The numbers of hits after which a mutant loops too often, if this many are usual. */
export const hitLimit = (hits) => 100 + 100 * (hits ?? Infinity);
