// Mutation tests. Start them with `npm run mutate`, which chooses the tests for each area (scripts/mutation/areas.mjs).
const area = process.env['MUTATION_AREAS'] ?? 'all';
const report = `build/mutation/${area.replaceAll('/', '-')}`;

export default {
  testRunner: 'vitest',
  // perTest coverage already knows which tests reach a mutant; to look for related files at each run takes seconds.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // A static mutant lies in code that only runs while a module loads: tables of names and help texts, and constants. Each
  // one would need all tests again. Tests compare the tables with the reference.
  ignoreStatic: true,
  // Mutants that replace text are mostly in error messages and help texts, whose exact words are no behavior.
  mutator: { excludedMutations: [] },
  concurrency: 1,
  // Other programs may use the machine: only a run that takes much longer than without the mutant is a timeout.
  timeoutMS: 30_000,
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
