import { join } from 'node:path';

import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

import { pathWith, type NewerPrograms } from './scripts/newer-programs.mjs';
import { SpreadRealTests } from './scripts/spread-real-tests.mjs';

// All combinations of versions. Only `npm run test:matrix` runs them.
const MATRIX = 'test/**/*.matrix.test.ts';
// These tests need the system programs that scripts/ensure-programs.mjs lists. The others need none.
const REAL = 'test/real/**/*.test.ts';
const SLOW = [
  'test/dialects/**',
  'test/consumers/**',
  'test/matrix/**',
  'test/examples/**',
  'test/auto/**',
  'test/tools/cli/program/**',
  'test/configuration/program/**',
];

const BUNDLE = join(__dirname, 'dist/index.js');
const BUNDLED = ['contract', 'property', 'thrift', 'thrift/service'].map(
  (folder) => `test/${folder}/*.test.ts`,
);
// Imports modules of src that the bundle does not export.
const NOT_BUNDLED = [
  'test/thrift/service/connections.test.ts',
  'test/thrift/current-connection.test.ts',
];

const COPIES = 'test/copies/*.test.ts';
/** Runs the tests of the built package with its exports split between two copies of it, as the module `split` says. */
const copies = (
  name: string,
  split: string,
  include: readonly string[],
): TestProjectConfiguration => ({
  extends: true,
  resolve: {
    alias: [
      { find: /^(?:\.\.\/)+src\/index$/, replacement: join(__dirname, 'test/copies', split) },
    ],
  },
  test: {
    name,
    include: [...BUNDLED, ...include],
    exclude: NOT_BUNDLED,
    globalSetup: 'test/copies/copy-package.ts',
  },
});

const realTests = (names: readonly string[]): string[] =>
  names.map((name) => `test/real/${name}.test.ts`);

// Tests of what depends on the version of Prometheus, promtool or Alertmanager.
const VERSIONED = realTests([
  'check-names',
  'first-burst',
  'histogram-storages',
  'native-histograms',
  'prometheus',
  'promtool',
  'rules',
  'rules-tests',
  'start-timestamps',
  'trace-exemplars',
  'versions',
]);
// The other tests that start one of these programs, except the long ones.
const MONITORING = realTests([
  'baseplate',
  'check-prometheus',
  'configurations',
  'dashboard',
  'fleet',
  'monitoring',
  'rules-bucket-bounds',
  'rules-recordings',
]);
const HISTORIES = realTests(['rules-histories']);
// A promtool of any version takes minutes for the weeks of their history.
const ANOMALIES = realTests(['rules-anomalies']);
// Readers install the system's Prometheus, and look at its web interface, which Debian's newer packages lack.
const WALKS = 'test/real/walks/*.test.ts';

/** Runs the tests with the system's Prometheus and Alertmanager, or with newer ones. */
const prometheus = (
  name: string,
  version: 'system' | NewerPrograms,
  include: readonly string[],
  exclude: readonly string[] = [],
): TestProjectConfiguration => ({
  extends: true,
  test: {
    name,
    include: [...include],
    exclude: [...exclude],
    testTimeout: 120_000,
    provide: { prometheus: version },
    ...(version !== 'system' && {
      env: { PATH: pathWith(version) },
      globalSetup: 'test/real/install-programs.ts',
    }),
  },
});

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', 'build/**', 'test/consumers/projects/**'],
    // Each file runs in its own process, because a process has one runtime.
    pool: 'forks',
    // A third one would save a quarter of the time on two cores, but some tests of browsers and programs do not bear it.
    maxWorkers: 2,
    sequence: { sequencer: SpreadRealTests },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [REAL, COPIES, MATRIX, ...SLOW],
        },
      },
      {
        extends: true,
        test: {
          name: 'build',
          include: SLOW.map((folder) => `${folder}/*.test.ts`),
          exclude: ['test/consumers/projects/**', MATRIX],
          testTimeout: 180_000,
        },
      },
      {
        // Runs the same tests against the published bundle.
        extends: true,
        resolve: { alias: [{ find: /^(?:\.\.\/)+src\/index$/, replacement: BUNDLE }] },
        test: {
          name: 'bundle',
          include: BUNDLED,
          exclude: NOT_BUNDLED,
          server: { deps: { external: [BUNDLE] } },
        },
      },
      copies('copies', 'declare-and-read.ts', [COPIES]),
      copies('copies-crossed', 'method-and-class.ts', ['test/copies/exports.test.ts']),
      prometheus('real', 'newest', [REAL], [WALKS, ...ANOMALIES]),
      prometheus('real-oldest', 'system', [...VERSIONED, WALKS], [MATRIX]),
      {
        extends: true,
        test: {
          name: 'matrix',
          include: [MATRIX],
          globalSetup: 'test/matrix/install-nodes.ts',
          testTimeout: 180_000,
        },
      },
      prometheus('matrix-newest', 'newest', ANOMALIES),
      prometheus('matrix-middle', 'middle', [...VERSIONED, ...MONITORING, ...HISTORIES]),
      prometheus('matrix-oldest', 'system', [...MONITORING, ...HISTORIES, ...ANOMALIES]),
    ],
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
});
