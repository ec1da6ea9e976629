import { defineConfig } from 'vitest/config';

import { testsOf } from './scripts/mutation/areas.mjs';
import { ended, QuickFirst } from './scripts/mutation/quick-first.mjs';

// The tests that `npm run mutate` runs, on the source. scripts/mutate.mjs selects them.
export default defineConfig({
  plugins: [
    {
      name: 'mutation',
      configureVitest: ({ project }) => {
        // Stryker sets the pool to threads. In a thread, the package reports to the main thread instead of leading workers.
        project.config.pool = 'forks';
      },
    },
  ],
  test: {
    ...testsOf(JSON.parse(process.env['MUTATION_TESTS'] ?? '[]') as string[]),
    reporters: [
      {
        // Stryker ignores a test file that fails to load, and all that only this file tests would appear to be untested.
        // Mutants are activated after loading, so none of them is the cause.
        onTestModuleEnd: (module) => {
          const [error] = module.errors();
          if (error !== undefined) throw new Error(`${module.moduleId}: ${error.message}`);
          ended(module);
        },
      },
    ],
    sequence: { sequencer: QuickFirst },
    // Without a mutant, no test takes more than two seconds on a machine that does nothing else.
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
});
