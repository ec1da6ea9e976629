// A runner of Vitest that runs the tests of a file for many mutants in one process. scripts/mutation/together.mjs starts it.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { TestRunner } from 'vitest';
import { getFn } from 'vitest/suite';

const folder = process.env['MUTATION_FOLDER'];
/** The longest test that runs for each mutant, in milliseconds. */
const longest = Number(process.env['MUTATION_LONGEST']);

/** The longest that a test takes with a mutant: this many milliseconds, or this many times what it takes without. */
const SHORTEST_WAIT = 1_000;
const LONGEST_WAIT = 30;
/** How often a mutant may keep tests waiting until no other test tries. */
const MOST_WAITS = 3;

const WAITED = 'The test waits too long.';
// Tests may replace them.
const { setTimeout: startTimeout, clearTimeout: stopTimeout } = globalThis;

/** What the code of the mutants reads and writes, by the name that Stryker gives it. */
const state = (globalThis.__stryker__ ??= {});

const coverageFile = (file) =>
  join(folder, 'coverage', `${relative(process.cwd(), file).replaceAll('/', '+')}.json`);

function linesOf(name) {
  try {
    return readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

const write = (name, lines) =>
  appendFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));

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
    super.onAfterRunFiles(files);
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

/** Runs each test once for each mutant that it reaches and nothing has noticed, and then once without a mutant. */
class MutantRunner extends TestRunner {
  done = new Set([...linesOf('noticed'), ...linesOf('stuck')]);
  waits = countEach(linesOf('waits'));
  unstable = new Set(linesOf('unstable'));
  coverage = null;
  /** The mutants of each repetition of the current test; null for none. */
  schedule = [];
  noticed = [];
  isTainted = false;

  async onBeforeRunTask(test) {
    await super.onBeforeRunTask(test);
    this.coverage ??= JSON.parse(readFileSync(coverageFile(test.file.filepath), 'utf8')).tests;
    const known = this.coverage[test.id];
    const isUsable =
      known?.isStable === true &&
      known.milliseconds <= longest &&
      !this.unstable.has(test.id) &&
      !this.isTainted;
    const isOpen = (id) => !this.done.has(id) && (this.waits.get(id) ?? 0) < MOST_WAITS;
    const mutants = isUsable ? Object.keys(known.hits).filter(isOpen) : [];
    if (mutants.length === 0) {
      test.mode = 'skip';
      return;
    }
    this.noticed = [];
    this.schedule = [...mutants, null];
    test.repeats = mutants.length;
  }

  onBeforeTryTask(test, { repeats }) {
    const mutant = this.schedule[repeats];
    test.result.state = 'run';
    test.result.errors = undefined;
    super.onBeforeTryTask(test);
    resetMetrics();
    writeFileSync(join(folder, 'current'), mutant ?? '');
    state.hitCount = 0;
    state.hitLimit = 100 + 100 * (this.coverage[test.id].hits[mutant] ?? Infinity);
    state.activeMutant = mutant ?? undefined;
  }

  async runTask(test) {
    const limit = Math.max(SHORTEST_WAIT, LONGEST_WAIT * this.coverage[test.id].milliseconds);
    let timer;
    const waited = new Promise((_resolve, reject) => {
      timer = startTimeout(() => reject(new Error(WAITED)), limit);
    });
    try {
      await Promise.race([getFn(test)(), waited]);
    } finally {
      stopTimeout(timer);
    }
  }

  onAfterRetryTask(test, { repeats }) {
    state.activeMutant = undefined;
    if (test.result.state !== 'fail') return;
    const mutant = this.schedule[repeats];
    const message = test.result.errors?.[0]?.message ?? '';
    if (mutant === null) {
      // A mutant has left something behind, so nothing that this test has noticed is certain.
      this.isTainted = true;
      this.noticed = [];
      write('unstable', [test.id]);
    } else if (message === WAITED || /timed out in|Hit count limit/.test(message)) {
      // Only a run of its own shows whether it never ends.
      this.waits.set(mutant, (this.waits.get(mutant) ?? 0) + 1);
      write('waits', [mutant]);
    } else this.noticed.push(mutant);
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    test.result.state = 'pass';
    test.result.errors = undefined;
    for (const mutant of this.noticed) this.done.add(mutant);
    write('noticed', this.noticed);
    this.noticed = [];
  }
}

export default process.env['MUTATION_PASS'] === 'coverage' ? CoverageRunner : MutantRunner;
