import { BaseSequencer } from 'vitest/node';

/** The files of tests that failed last, the latest first. */
const failed = [];
/** How long the tests of a file take at most, in milliseconds, by the file's path. */
const durations = new Map();

/** Tells the order of files how a file fared. */
export function ended(module) {
  const file = module.moduleId;
  durations.set(file, Math.max(durations.get(file) ?? 0, module.diagnostic().duration));
  if (module.ok()) return;
  const before = failed.indexOf(file);
  if (before !== -1) failed.splice(before, 1);
  failed.unshift(file);
}

/** How late a file runs: first what noticed a mutant nearby, then what takes little time. */
function rank({ moduleId }) {
  const before = failed.indexOf(moduleId);
  return before === -1 ? failed.length + (durations.get(moduleId) ?? 0) : before;
}

/**
 * Orders the files of tests for mutants. The first test that fails ends the run of a mutant, and the test that noticed the
 * previous mutant often notices the next one. Vitest's own order starts with the files that take longest.
 */
export class QuickFirst extends BaseSequencer {
  async sort(files) {
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}
