import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

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
const BUNDLED = ['contract', 'property', 'thrift', 'thrift/service'];

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
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [REAL, ...SLOW] },
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
          include: BUNDLED.map((folder) => `test/${folder}/*.test.ts`),
          // Has what the bundle keeps to itself in its hands.
          exclude: [
            'test/thrift/service/connections.test.ts',
            'test/thrift/current-connection.test.ts',
          ],
          server: { deps: { external: [BUNDLE] } },
        },
      },
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
