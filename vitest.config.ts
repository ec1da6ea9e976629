import { join } from 'node:path';

import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

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

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', 'build/**', 'test/consumers/projects/**'],
    // Each file runs in its own process, because a process has one runtime.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
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
      {
        extends: true,
        test: { name: 'real', include: [REAL], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: 'matrix',
          include: [MATRIX],
          globalSetup: 'test/matrix/install-nodes.ts',
          testTimeout: 180_000,
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
});
