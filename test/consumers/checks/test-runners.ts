import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT, type Consumer } from '../consumer';
import { JEST, runTests, VITEST, type TestReport } from '../run-tests';

const RUNNERS = [
  {
    name: 'jest',
    title: 'a Jest project',
    args: [JEST, '--json', '--runInBand', '--no-cache'],
    tests: [
      'a decorated class declared for the 1. time counts on',
      'a decorated class declared for the 2. time counts on',
      'a handler instrumented for the 1. time counts on',
      'a handler instrumented for the 2. time counts on',
      'a declared exception of Thrift is told from other errors',
      'with resetMetrics each test starts at 0',
      "the metrics stand in the registry of the test's own prom-client",
      "thrift-metrics/dashboards builds a dashboard of the test's metrics",
    ],
  },
  {
    name: 'jest-swc',
    title: 'a Jest project in TypeScript',
    args: [JEST, '--json', '--runInBand', '--no-cache'],
    tests: [
      'standard decorators, which swc compiles, count',
      'a declared exception of the newest Thrift is told from other errors',
    ],
  },
  {
    name: 'vitest',
    title: 'a Vitest project',
    args: VITEST,
    tests: [
      'standard decorators, which Vite compiles, count for the 1. time',
      'standard decorators, which Vite compiles, count for the 2. time',
      'a declared exception of Thrift is told from other errors',
      'with resetMetrics each test starts at 0',
      'legacy decorators, which Vite compiles by tsconfig.json, count',
    ],
  },
];

export function checkTestRunners({ install, nodes }: Consumer): void {
  describe.each(RUNNERS)('$title', ({ name, args, tests }) => {
    let project: string;
    beforeAll(async () => {
      project = await install(name);
    }, TIMEOUT);

    describe.each(nodes)('on Node.js $version', ({ program }) => {
      let results: TestReport['testResults'][number]['assertionResults'];
      beforeAll(async () => {
        // What failed is said below, test by test.
        const files = await runTests(program, args, project);
        results = files.flatMap(({ assertionResults }) => assertionResults);
      });

      test.each(tests)('%s', (title) => {
        const result = results.find((each) => each.title === title);
        expect(result?.failureMessages).toEqual([]);
        expect(result?.status).toBe('passed');
      });
    });
  });
}
