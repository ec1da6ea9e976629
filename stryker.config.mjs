// One mutant after another, each in processes of its own. `npm run mutate` starts it for what it has not noticed before.
export default {
  testRunner: 'vitest',
  // perTest coverage already knows which tests reach a mutant; to look for related files at each run takes seconds.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // A static mutant lies in code that only runs while a module loads: tables of names and help texts, and constants. Each
  // one would need all tests again. Tests compare the tables with the reference.
  ignoreStatic: true,
  // The other texts are behavior: names of labels, types of errors, codes.
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation/ignore-messages.mjs'],
  ignorers: ['messages'],
  concurrency: 1,
  // Other programs may use the machine: only a run that takes much longer than without the mutant is a timeout. A test that
  // waits for what never happens fails before that, by the timeout in vitest.mutation.config.ts.
  timeoutMS: 40_000,
  timeoutFactor: 4,
  // Stryker would rewrite tsconfig.json with an API that TypeScript 7 no longer has. A name that does not exist prevents it.
  tsconfigFile: 'none.json',
  tempDirName: 'build/stryker',
  ignorePatterns: ['/dist', '/build', '/docs/images', '/coverage'],
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: 'build/mutation/stryker.json' },
};
