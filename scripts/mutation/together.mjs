// Runs the tests of an area for all its mutants in one process per file of tests, which takes minutes instead of hours: a
// process of its own for each mutant spends nearly all its time starting.
//
// First, each test runs for one mutant after another, with new hooks and metrics at 0. When it fails, it runs again without a
// mutant. If it fails then, too, the mutant has left something behind, and it is not certain that the test has noticed it. A test
// that cannot run twice in one process, or that a mutant keeps waiting, decides nothing.
//
// Then, each file of tests runs for one mutant after another that nothing has noticed, and all modules are loaded again each
// time. What this does not decide counts as missed: code that only other processes run, and listeners that are added once.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';

import { createInstrumenter } from '@stryker-mutator/instrumenter';

import { root } from '../run.mjs';
import { aimsAt, testsFor, testsOf } from './areas.mjs';
import { ignorer } from './ignore-messages.mjs';

/** The longest that a test may take for each mutant, in milliseconds. Longer ones decide nothing. */
const LONGEST_TEST = 2_500;
/** Milliseconds after which a mutant that keeps the process busy is given up. */
const STUCK = 45_000;
/** Milliseconds after which a process is given up that has not begun. Loading takes long while other programs run. */
const STARTING = 300_000;
/**
 * The ways to run the tests of a file for its mutants, with how often a file starts again, each time without a mutant or test
 * that has kept it from ending. The first way takes milliseconds for a mutant. If it does not go well, the second is better.
 */
const PASSES = { mutants: 3, reloaded: 20 };

const NOT_COPIED = new Set(['.git', 'build', 'coverage', 'dist', 'node_modules']);

const CONFIG = 'together.config.mjs';

/** Returns a report in the form of Stryker's: the mutants of each file, with their status. */
export async function runTogether(area, files) {
  const folder = join(root, 'build/mutation', `${area.replaceAll('/', '-')}-together`);
  const sandbox = join(folder, 'sandbox');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(sandbox, { recursive: true });
  for (const name of readdirSync(root)) {
    if (!NOT_COPIED.has(name)) cpSync(join(root, name), join(sandbox, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(sandbox, 'node_modules'));
  const mutants = await instrument(sandbox, files);
  writeFileSync(join(sandbox, CONFIG), configOf([...new Set(files.flatMap(testsFor))]));

  const run = (pass, filters) => startVitest(folder, sandbox, pass, filters);
  const linesOf = (name) => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  };
  await run('coverage', []);
  const coverage = readAimed(folder, sandbox, mutants);
  const tests = coverage.flatMap((each) => Object.values(each.tests));
  const unstable = tests.filter(({ isStable }) => !isStable).length;
  console.log(
    `${mutants.length} changes, ${tests.length} tests, ${unstable} of them cannot be repeated`,
  );
  const costOf = (each) => Object.values(each.tests).reduce((sum, t) => sum + t.milliseconds, 0);
  const cheapFirst = coverage.toSorted((a, b) => costOf(a) - costOf(b));
  for (const [pass, rounds] of Object.entries(PASSES)) {
    for (const { file, tests: inFile } of cheapFirst) {
      const decided = new Set([...linesOf('noticed'), ...linesOf('stuck')]);
      const reachedIn = Object.values(inFile).flatMap(({ hits }) => Object.keys(hits));
      if (reachedIn.every((id) => decided.has(id))) continue;
      for (let round = 0; round < rounds; round++) {
        // oxlint-disable-next-line no-await-in-loop -- one process after another
        if (await run(pass, [file])) break;
      }
      console.log(`${pass}, ${file}: ${new Set(linesOf('noticed')).size} noticed`);
    }
  }

  const noticed = new Set(linesOf('noticed'));
  const loops = new Set(linesOf('loops'));
  const reached = new Set(tests.flatMap(({ hits }) => Object.keys(hits)));
  const ofLoading = new Set(coverage.flatMap((each) => each.ofLoading));
  const statusOf = ({ id, status }) => {
    if (status !== undefined) return status;
    if (loops.has(id)) return 'Timeout';
    if (noticed.has(id)) return 'Killed';
    if (reached.has(id)) return 'Survived';
    return ofLoading.has(id) ? 'Ignored' : 'NoCoverage';
  };
  const report = { files: {} };
  for (const { id, fileName, mutatorName, replacement, location, status } of mutants) {
    const name = relative(sandbox, fileName);
    const source = readFileSync(join(root, name), 'utf8');
    const { mutants: inFile } = (report.files[name] ??= {
      language: 'typescript',
      source,
      mutants: [],
    });
    const [start, end] = [location.start, location.end].map(({ line, column }) => ({
      line: line + 1,
      column: column + 1,
    }));
    inFile.push({
      id,
      mutatorName,
      replacement,
      location: { start, end },
      status: statusOf({ id, status }),
    });
  }
  return report;
}

/** Reads what each file of tests reaches, and keeps only what it aims at. */
function readAimed(folder, sandbox, mutants) {
  const fileOf = new Map(mutants.map(({ id, fileName }) => [id, relative(sandbox, fileName)]));
  return readdirSync(join(folder, 'coverage')).map((name) => {
    const file = name.replaceAll('+', '/').slice(0, -'.json'.length);
    const aims = new Map([...new Set(fileOf.values())].map((path) => [path, aimsAt(file, path)]));
    const content = JSON.parse(readFileSync(join(folder, 'coverage', name), 'utf8'));
    for (const test of Object.values(content.tests)) {
      const hits = Object.entries(test.hits).filter(([id]) => aims.get(fileOf.get(id)));
      test.hits = Object.fromEntries(hits);
    }
    writeFileSync(join(folder, 'coverage', name), JSON.stringify(content));
    return { file, ...content };
  });
}

/** Writes files with all their mutants into the sandbox. A variable decides which mutant runs. */
async function instrument(sandbox, files) {
  const nothing = () => {};
  const logger = { isDebugEnabled: () => false, debug: nothing, info: nothing, warn: nothing };
  const values = { logger };
  const injector = {
    provideValue(token, value) {
      values[token] = value;
      return this;
    },
    injectClass: (Class) => new Class(...Class.inject.map((token) => values[token])),
  };
  const { files: instrumented, mutants } = await createInstrumenter(injector).instrument(
    files.map((file) => ({
      name: join(sandbox, file),
      mutate: true,
      content: readFileSync(join(root, file), 'utf8'),
    })),
    { plugins: null, excludedMutations: [], ignorers: [ignorer], noHeader: false },
  );
  for (const { name, content } of instrumented) writeFileSync(name, content);
  return mutants;
}

function configOf(tests) {
  const test = {
    ...testsOf(tests),
    runner: join(root, 'scripts/mutation/together-runner.mjs'),
    pool: 'forks',
    maxWorkers: 1,
    reporters: [],
    silent: true,
    dangerouslyIgnoreUnhandledErrors: true,
    teardownTimeout: 3_000,
  };
  return `export default { test: ${JSON.stringify(test)} };\n`;
}

/** Resolves with whether all tests have run. If not, a mutant has ended the process, or kept it busy until it was stopped. */
function startVitest(folder, sandbox, pass, filters) {
  const args = [
    'vitest',
    'run',
    '--config',
    CONFIG,
    '--testTimeout=60000',
    '--hookTimeout=60000',
    ...filters,
  ];
  const child = spawn('npx', args, {
    cwd: sandbox,
    stdio: 'ignore',
    detached: true,
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      MUTATION_PASS: pass,
      MUTATION_FOLDER: folder,
      MUTATION_LONGEST: String(LONGEST_TEST),
    },
  });
  const contentOf = (name) => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  // What the process before has left there.
  rmSync(join(folder, 'current'), { force: true });
  let last = '';
  let since = Date.now();
  const watch = setInterval(() => {
    const current = contentOf('current');
    const progress = `${current} ${contentOf('noticed').length} ${contentOf('waits').length}`;
    if (progress !== last) [last, since] = [progress, Date.now()];
    const longest = existsSync(join(folder, 'current')) ? STUCK : STARTING;
    if (pass === 'coverage' || Date.now() - since < longest) return;
    process.kill(-Number(child.pid), 'SIGKILL');
  }, 1_000);
  return new Promise((resolve) => {
    child.once('close', () => {
      clearInterval(watch);
      const current = contentOf('current');
      const isMutant = pass !== 'coverage' && /^\d+$/.test(current);
      if (isMutant) appendFileSync(join(folder, 'stuck'), `${current}\n`);
      resolve(!isMutant && current !== 'tainted');
    });
  });
}
