// The areas that `npm run mutate` knows: which files it mutates, and which tests it runs against the mutants.

/**
 * Each area is a folder of the source, with the tests that aim at it, as globs in test/ without `.test.ts`. More tests would
 * only make each mutant slower.
 */
export const AREAS = {
  recording: ['recording/*', 'contract/1-failed'],
  metrics: ['metrics/*', 'scrape/workers/family-sum'],
  runtime: ['runtime/*', 'contract/{2-same-method,3-startup}'],
  scrape: ['scrape/*', 'runtime/*', 'property/labels'],
  'scrape/workers': ['scrape/workers/*'],
  slo: ['slo/**/*', 'tools/rules/**/*', 'tools/grafana/**/*', 'tools/cli/top/**/*'],
  'thrift/service': [
    'thrift/service/*',
    'thrift/{callback-style,promise-style,exception-lists,failed-answers,failures,in-flight}',
    'thrift/{inherited-services,oneway,outputs,parameters,plain-objects,wrong-result}',
  ],
  'thrift/client': ['thrift/client/*'],
};

/**
 * Tests that mutants cannot reach, so they would only cost time: they start processes, which run the built package in dist.
 */
const OTHER_PROCESSES = [
  'test/scrape/workers/{chunks,client-library,final-report,late-primary,names,page,sums,workers}.test.ts',
  'test/runtime/info-processes.test.ts',
  'test/thrift/**/process-death.test.ts',
  'test/tools/cli/program/**',
];

/** Returns the area whose folder contains this path or glob, `undefined` if none does. */
export function areaOf(path) {
  const folder = path.replace(/^(?:\.\/)?(?:src\/)?/, '').replace(/\/+$/, '');
  const names = Object.keys(AREAS).toSorted((a, b) => b.length - a.length);
  return names.find((name) => folder === name || folder.startsWith(`${name}/`));
}

/** The globs of an area's source. A folder with an area of its own does not belong to the area around it. */
export function sourcesOf(area) {
  const inner = Object.keys(AREAS).filter((name) => name.startsWith(`${area}/`));
  return [`src/${area}/**/*.ts`, ...inner.map((name) => `!src/${name}/**`)];
}

/** A mutant that no test notices costs the time of all tests that reach it. These take long, and notice what others do. */
const LONG = ['test/thrift/client/{client-memory,outcomes}.test.ts'];

/** The files of tests for these areas, as options of Vitest. */
export function testsOf(areas) {
  return {
    include: areas.flatMap((area) => AREAS[area] ?? []).map((tests) => `test/${tests}.test.ts`),
    exclude: ['**/node_modules/**', ...OTHER_PROCESSES, ...LONG],
  };
}
