// A runner of Vitest that runs the tests of a file for many mutants in one process. scripts/mutation/together.mjs starts it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { TestRunner } from 'vitest';
import { getFn } from 'vitest/suite';

import { ReloadingRunner } from './reloading-runner.mjs';
import {
  coverageFile,
  ENDED,
  folder,
  hitLimit,
  isWait,
  linesOf,
  state,
  TAINTED,
  within,
  write,
  writeCurrent,
} from './progress.mjs';

/** The longest test that runs for each mutant, in milliseconds. */
const longest = Number(process.env['MUTATION_LONGEST']);

/** The longest that a test takes with a mutant: this many milliseconds, or this many times what it takes without. */
const SHORTEST_WAIT = 400;
const LONGEST_WAIT = 10;
/** In how many files of tests a mutant may keep one test waiting until no other test tries. */
const MOST_WAITS = 3;

/** Resets the metrics as `resetMetrics` does, so that a test can run again. */
function resetMetrics() {
  const runtime = globalThis[Symbol.for('thrift-metrics.runtime.1')];
  if (runtime === undefined) return;
  for (const family of runtime.families) family.reset();
  runtime.faults.forget();
}

function countEach(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Runs each test twice, and writes which mutants it reaches, and whether it passes both times. */
class CoverageRunner extends TestRunner {
  tests = {};

  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    test.repeats = 1;
  }

  onBeforeTryTask(test) {
    super.onBeforeTryTask(test);
    resetMetrics();
    state.currentTestId = test.id;
  }

  onAfterRetryTask() {
    state.currentTestId = undefined;
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    const milliseconds = test.result.duration / 2;
    this.tests[test.id] = { isStable: test.result.state === 'pass', milliseconds };
  }

  onAfterRunFiles(files) {
    super.onAfterRunFiles();
    const { static: ofLoading = {}, perTest = {} } = state.mutantCoverage ?? {};
    mkdirSync(join(folder, 'coverage'), { recursive: true });
    const tests = Object.entries(this.tests).map(([id, test]) => [
      id,
      { ...test, hits: perTest[id] ?? {} },
    ]);
    const content = { ofLoading: Object.keys(ofLoading), tests: Object.fromEntries(tests) };
    for (const { filepath } of files)
      writeFileSync(coverageFile(filepath), JSON.stringify(content));
  }
}

/**
 * Runs each test once for each mutant that it reaches and nothing has noticed. When it fails, and after the last mutant, it
 * runs without a mutant. Only if it passes then, it has noticed the mutant.
 */
class MutantRunner extends TestRunner {
  done = new Set([...linesOf('noticed'), ...linesOf('stuck')]);
  waits = countEach(linesOf('waits'));
  waiting = new Set();
  unstable = new Set(linesOf('unstable'));
  spoilers = new Set(linesOf('spoilers'));
  coverage = null;
  /** The mutants that the current test still has to run for. */
  queue = [];
  /** The mutant that the current test runs for; null for none, undefined if it has nothing left to do. */
  mutant = undefined;
  /**
   * The mutant with which the current test has failed just before.
   * @type {string | undefined}
   */
  suspect = undefined;
  noticed = [];
  isChecked = true;
  isTainted = false;

  async onBeforeRunFiles(files) {
    const usesProperties = files.some(({ filepath }) =>
      readFileSync(filepath, 'utf8').includes("from 'fast-check'"),
    );
    if (!usesProperties) return;
    const { default: fastCheck } = await import('fast-check');
    // That a property fails is enough. To find the smallest example takes seconds.
    fastCheck.configureGlobal({ endOnFailure: true });
  }

  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    this.coverage ??= JSON.parse(readFileSync(coverageFile(test.file.filepath), 'utf8')).tests;
    const known = this.coverage[test.id];
    const isUsable =
      known?.isStable === true &&
      known.milliseconds <= longest &&
      !this.unstable.has(test.id) &&
      !this.isTainted;
    const isOpen = (id) =>
      !this.done.has(id) &&
      !this.waiting.has(id) &&
      !this.spoilers.has(`${test.id} ${id}`) &&
      (this.waits.get(id) ?? 0) < MOST_WAITS;
    this.queue = isUsable ? Object.keys(known.hits).filter(isOpen) : [];
    if (this.queue.length === 0) {
      test.mode = 'skip';
      return;
    }
    this.noticed = [];
    this.isChecked = false;
    this.suspect = undefined;
    // At most one run without a mutant after each one with a mutant.
    test.repeats = 2 * this.queue.length;
  }

  onBeforeTryTask(test) {
    test.result.state = 'run';
    test.result.errors = undefined;
    super.onBeforeTryTask(test);
    resetMetrics();
    this.mutant = this.next();
    writeCurrent(this.mutant ?? '');
    state.hitCount = 0;
    state.hitLimit = hitLimit(this.coverage[test.id].hits[this.mutant]);
    state.activeMutant = this.mutant ?? undefined;
  }

  next() {
    if (this.isTainted) return undefined;
    if (this.suspect !== undefined) return null;
    if (this.queue.length > 0) return this.queue.shift();
    return this.isChecked ? undefined : null;
  }

  async runTask(test) {
    if (this.mutant === undefined) return;
    const limit = Math.max(SHORTEST_WAIT, LONGEST_WAIT * this.coverage[test.id].milliseconds);
    await within(limit, () => getFn(test)());
  }

  onAfterRetryTask(test) {
    state.activeMutant = undefined;
    const { mutant } = this;
    if (mutant === undefined) return;
    const hasFailed = test.result.state === 'fail';
    if (mutant === null) this.check(test, hasFailed);
    else if (hasFailed) {
      const message = test.result.errors?.[0]?.message ?? '';
      if (isWait(message)) {
        // Only a run of its own shows whether it never ends.
        this.waiting.add(mutant);
        write('waits', [mutant]);
      } else this.noticed.push(mutant);
      this.suspect = mutant;
    }
  }

  check(test, hasFailed) {
    if (hasFailed) {
      // A mutant has left something behind, so it is not certain that this test has noticed it.
      this.isTainted = true;
      if (this.suspect === undefined) write('unstable', [test.id]);
      else write('spoilers', [`${test.id} ${this.suspect}`]);
    } else {
      for (const mutant of this.noticed) this.done.add(mutant);
      write('noticed', this.noticed);
      this.isChecked = this.queue.length === 0;
    }
    this.noticed = [];
    this.suspect = undefined;
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    test.result.state = 'pass';
    test.result.errors = undefined;
  }

  onAfterRunFiles() {
    super.onAfterRunFiles();
    writeCurrent(this.isTainted ? TAINTED : ENDED);
  }
}

const RUNNERS = {
  coverage: CoverageRunner,
  mutants: MutantRunner,
  reloaded: ReloadingRunner,
};

export default RUNNERS[process.env['MUTATION_PASS']];
