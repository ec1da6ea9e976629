import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { run } from '../consumers/run';
import type { TestReport } from '../consumers/run-tests';
import type { Cell } from './cell';
import { differencesOf } from './differences';
import { libraryFolder, thriftFolder } from './install-libraries';
import type { Program } from './node';

export interface CellReport {
  /** Titles. */
  readonly passed: readonly string[];
  readonly failed: readonly { readonly title: string; readonly message: string }[];
}

const repository = join(__dirname, '../..');
const MODULES = join(repository, 'node_modules');

/** Parts of the repository that the bundle tests need, besides its packages. */
const COPIED = ['dist', 'src', 'test', 'examples', 'scripts', 'package.json', 'vitest.config.ts'];

/** Milliseconds that tests may take in a cell where some of them wait for an answer that never comes. */
const HANGING = 20_000;

/** Packages that the cell replaces or leaves out. */
const REPLACED = new Set(['thrift', 'prom-client', '@prometheus-io']);

/**
 * Runs the bundle tests (contract, properties, Thrift, processor) with other libraries. They run in a copy of the
 * repository elsewhere, because the bundle finds libraries by walking up the folders.
 */
export async function runCell(
  cell: Cell,
  { program, run: command = [] }: Program,
): Promise<CellReport> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'thrift-metrics-cell-')));
  try {
    await copyRepository(folder);
    await linkPackages(folder, cell);
    const report = join(folder, 'report.json');
    const vitest = join(MODULES, 'vitest/vitest.mjs');
    const reporter = ['--reporter=json', `--outputFile.json=${report}`];
    const hangs = differencesOf(cell).some((difference) => difference.hangs);
    const timeout = hangs ? [`--testTimeout=${HANGING}`] : [];
    const args = [...command, vitest, 'run', '--project', 'bundle', ...timeout, ...reporter];
    const variables = cell.runsAllOutputs === true ? { TEST_OUTPUTS: 'all' } : {};
    const { stdout, stderr } = await run(program, args, folder, variables);
    const text = await readFile(report, 'utf8').catch(() => {
      throw new Error(`Vitest wrote no report: ${stdout}${stderr}`);
    });
    return summaryOf(JSON.parse(text) as TestReport);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function copyRepository(folder: string): Promise<void> {
  const copy = (name: string) =>
    cp(join(repository, name), join(folder, name), {
      recursive: true,
      filter: (source) => basename(source) !== 'node_modules',
    });
  await Promise.all(COPIED.map(copy));
}

async function linkPackages(folder: string, { thrift, client }: Cell): Promise<void> {
  const modules = join(folder, 'node_modules');
  const names = (await readdir(MODULES)).filter((name) => !REPLACED.has(name));
  await Promise.all(names.map((name) => link(join(MODULES, name), join(modules, name))));
  await link(thriftFolder(thrift), join(modules, 'thrift'));
  const library = libraryFolder(client.name, client.version);
  await link(library, join(modules, client.name));
  // Tests import `prom-client`. Where it is not installed, only the tests get its successor under that name.
  if (client.name !== 'prom-client') {
    await link(library, join(folder, 'test/node_modules/prom-client'));
  }
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path, 'dir');
}

function summaryOf({ testResults }: TestReport): CellReport {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failedTests = tests.filter(({ status }) => status !== 'passed');
  // A file that failed to load has no tests.
  const failedFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: tests.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName),
    failed: [
      ...failedTests.map(({ fullName, failureMessages, status }) => ({
        title: fullName,
        message: failureMessages.join('\n') || status,
      })),
      ...failedFiles.map(({ message }) => ({ title: 'a file', message })),
    ],
  };
}
