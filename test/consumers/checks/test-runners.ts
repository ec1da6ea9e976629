import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT, type Consumer } from '../consumer';
import { JEST, runTests, VITEST, type TestReport } from '../run-tests';

const RUNNERS = [
  {
    name: 'jest',
    title: 'a Jest project',
    args: [JEST, '--json', '--runInBand', '--no-cache'],
    tests: [
      'declaration 1 of a decorated class continues the count',
      'declaration 2 of a decorated class continues the count',
      'instrumentation 1 of a handler continues the count',
      'instrumentation 2 of a handler continues the count',
      'a declared Thrift exception is distinguished from other errors',
      'resetMetrics lets each test start at 0',
      "the metrics are in the registry of the test's own prom-client",
      "thrift-metrics/dashboards builds a dashboard of the test's metrics",
    ],
  },
  {
    name: 'jest-swc',
    title: 'a Jest project in TypeScript',
    args: [JEST, '--json', '--runInBand', '--no-cache'],
    tests: [
      'standard decorators compiled by swc count calls',
      'a declared exception of the newest Thrift is distinguished from other errors',
    ],
  },
  {
    name: 'vitest',
    title: 'a Vitest project',
    args: VITEST,
    tests: [
      'load 1 of standard decorators compiled by Vite continues the count',
      'load 2 of standard decorators compiled by Vite continues the count',
      'a declared Thrift exception is distinguished from other errors',
      'resetMetrics lets each test start at 0',
      'legacy decorators compiled by Vite according to tsconfig.json count calls',
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
        // Failures are reported below, test by test.
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
