// Mutation tests. Start them with `npm run mutate`, which chooses the tests for each area (scripts/mutation/areas.mjs).
const area = process.env['MUTATION_AREA'] ?? 'all';
const report = `build/mutation/${area.replaceAll('/', '-')}`;

export default {
  testRunner: 'vitest',
  // perTest coverage already knows which tests reach a mutant; to look for related files at each run takes seconds.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // A static mutant lies in code that only runs while a module loads: tables of names and help texts, and constants. Each
  // one would need all tests again. Tests compare the tables with the reference.
  ignoreStatic: true,
  // The other texts are behavior: names of labels, types of errors, codes.
  plugins: ['@stryker-mutator/*', './scripts/mutation/ignore-messages.mjs'],
  ignorers: ['messages'],
  // Runs only what may have changed since the last run of the area: `npm run mutate -- --force` runs everything.
  incremental: true,
  incrementalFile: `${report}-incremental.json`,
  concurrency: 1,
  // Other programs may use the machine: only a run that takes much longer than without the mutant is a timeout. A test that
  // waits for what never happens fails before that, by the timeout in vitest.mutation.config.ts.
  timeoutMS: 20_000,
  timeoutFactor: 4,
  // Stryker would rewrite tsconfig.json with an API that TypeScript 7 no longer has. A name that does not exist prevents it.
  tsconfigFile: 'none.json',
  tempDirName: 'build/stryker',
  ignorePatterns: ['/dist', '/build', '/docs/images', '/coverage'],
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: `${report}.html` },
  jsonReporter: { fileName: `${report}.json` },
};
