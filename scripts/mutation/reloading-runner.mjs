// A runner of Vitest that runs a file of tests once for each mutant, in one process, but loads every module of the package and
// of the tests again each time. So it also decides about code that runs once in a process.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { startTests } from '@vitest/runner';
import { TestRunner, vi } from 'vitest';
import { getFn } from 'vitest/suite';

import {
  coverageFile,
  ENDED,
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
const SHORTEST_WAIT = 5_000;
const LONGEST_WAIT = 20;

const loaded = createRequire(import.meta.url);

/** Runs all tests of a file, first without a mutant, then for one mutant after another. */
export class ReloadingRunner extends TestRunner {
  /** What each test reaches, by its id. The tests are in the order in which they run. */
  tests = {};
  /** Tests that decide nothing, because they fail without a mutant, or take too long. */
  useless = new Set();
  /** The last test that has to run, `undefined` for all. */
  last = undefined;
  /** The first error of the current run, and the test that failed with it. */
  error = undefined;
  failed = undefined;
  isPast = false;
  isRepeating = false;
  /** The listeners of the process that the package adds once. */
  listeners = new Map();

  onBeforeRunTask(test) {
    if (this.error !== undefined || this.isPast || this.useless.has(test.id)) test.mode = 'skip';
    if (test.id === this.last) this.isPast = true;
    return super.onBeforeRunTask(test);
  }

  async runTask(test) {
    const usual = this.tests[test.id]?.milliseconds ?? 0;
    const limit = this.isRepeating ? Math.max(SHORTEST_WAIT, LONGEST_WAIT * usual) : 60_000;
    await within(limit, () => getFn(test)());
  }

  onAfterRunTask(test) {
    super.onAfterRunTask(test);
    if (!this.isRepeating || test.result.state !== 'fail') return;
    this.error ??= test.result.errors?.[0]?.message ?? 'failed';
    this.failed ??= test.id;
  }

  async onAfterRunFiles(files) {
    super.onAfterRunFiles();
    if (this.isRepeating) return;
    this.isRepeating = true;
    this.listeners = listenersOfProcess();
    // Nobody waits for reports of the following runs.
    this.onTaskUpdate = this.onCollected = this.onCollectStart = async () => {};
    for (const file of files) await this.runForMutants(file);
  }

  async runForMutants(file) {
    const { tests, ofLoading } = JSON.parse(readFileSync(coverageFile(file.filepath), 'utf8'));
    this.tests = tests;
    for (const [id, test] of Object.entries(tests)) {
      if (test.milliseconds > longest) this.useless.add(id);
    }
    // What fails the second time without a mutant cannot be repeated.
    for (;;) {
      const { failed, error } = await this.runReloaded(file);
      if (error === undefined) break;
      write('unrepeatable', [`${failed ?? file.filepath} ${error.split('\n')[0]}`]);
      if (failed === undefined || this.useless.has(failed)) return writeCurrent(ENDED);
      this.useless.add(failed);
    }
    const done = new Set([...linesOf('noticed'), ...linesOf('stuck')]);
    const decided = new Set([...linesOf('survived'), ...linesOf('spoilers')]);
    const name = coverageFile(file.filepath);
    const loads = new Set(ofLoading);
    const reaching = new Map();
    for (const [id, { hits }] of Object.entries(tests)) {
      if (this.useless.has(id)) continue;
      for (const mutant of Object.keys(hits)) reaching.set(mutant, id);
    }
    for (const [mutant, last] of reaching) {
      if (done.has(mutant) || decided.has(`${name} ${mutant}`)) continue;
      const end = loads.has(mutant) ? undefined : last;
      const { failed, error } = await this.runTwiceIfItWaits(file, mutant, end);
      if (error === undefined) {
        write('survived', [`${name} ${mutant}`]);
        continue;
      }
      const after = await this.runReloaded(file, undefined, failed ?? end);
      if (after.error !== undefined) {
        // The mutant has left something behind, so it is not certain that a test has noticed it.
        write('spoilers', [`${name} ${mutant}`]);
        return writeCurrent(TAINTED);
      }
      write('noticed', [mutant]);
      if (isWait(error)) write('loops', [mutant]);
    }
    writeCurrent(ENDED);
  }

  /** Runs the tests for a mutant. A wait may also be the fault of other programs, so it counts only if it happens again. */
  async runTwiceIfItWaits(file, mutant, last) {
    const first = await this.runReloaded(file, mutant, last);
    if (first.error === undefined || !isWait(first.error)) return first;
    return this.runReloaded(file, mutant, last);
  }

  /** Runs the tests up to this one, and returns the first error, with the test that failed, if it was a test. */
  async runReloaded(file, mutant, last) {
    this.reset();
    this.last = last;
    this.isPast = false;
    this.error = this.failed = undefined;
    writeCurrent(mutant ?? '');
    const hits = Object.values(this.tests).reduce((sum, test) => sum + (test.hits[mutant] ?? 0), 0);
    state.hitCount = 0;
    state.hitLimit = hitLimit(hits);
    state.activeMutant = mutant;
    try {
      const [{ tasks, result }] = await startTests([file.filepath], this);
      const broken = [{ result }, ...tasks].find((task) => task.result?.state === 'fail');
      if (broken !== undefined) this.error ??= broken.result.errors?.[0]?.message ?? 'failed';
    } finally {
      state.activeMutant = undefined;
    }
    return { error: this.error, failed: this.failed };
  }

  /** Forgets all modules, and what the package has left outside them. */
  reset() {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
    this.moduleRunner.mocker?.reset();
    vi.resetModules();
    for (const key of Object.getOwnPropertySymbols(globalThis)) {
      if (key.description?.startsWith('thrift-metrics.') === true) delete globalThis[key];
    }
    for (const path of Object.keys(loaded.cache)) {
      if (!path.includes('/node_modules/')) delete loaded.cache[path];
    }
    for (const library of ['prom-client', '@prometheus-io/client']) {
      loaded.cache[loaded.resolve(library)]?.exports.register?.clear();
    }
    for (const [name, known] of listenersOfProcess()) {
      for (const listener of known) {
        if (this.listeners.get(name)?.includes(listener) !== true)
          process.removeListener(name, listener);
      }
    }
  }
}

function listenersOfProcess() {
  return new Map(process.eventNames().map((name) => [name, process.rawListeners(name)]));
}
