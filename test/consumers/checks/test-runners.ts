import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT, type Consumer } from '../consumer';
import { run } from '../run';

/** What Jest and Vitest report, both in the form of Jest. */
interface Result {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const RUNNERS = [
  {
    name: 'jest',
    title: 'a Jest project',
    args: ['node_modules/jest/bin/jest.js', '--json', '--runInBand', '--no-cache'],
    tests: [
      'a decorated class declared for the 1. time counts on',
      'a decorated class declared for the 2. time counts on',
      'a handler instrumented for the 1. time counts on',
      'a handler instrumented for the 2. time counts on',
      'a declared exception of Thrift is told from other errors',
      'with resetMetrics each test starts at 0',
      "the metrics stand in the registry of the test's own prom-client",
    ],
  },
  {
    name: 'jest-swc',
    title: 'a Jest project in TypeScript',
    args: ['node_modules/jest/bin/jest.js', '--json', '--runInBand', '--no-cache'],
    tests: [
      'standard decorators, which swc compiles, count',
      'a declared exception of the newest Thrift is told from other errors',
    ],
  },
  {
    name: 'vitest',
    title: 'a Vitest project',
    args: ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json'],
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
      let results: Result[];
      beforeAll(async () => {
        // Both end with 1 when a test failed; what failed is said below, test by test.
        const { stdout, stderr } = await run(program, args, project);
        const { testResults } = JSON.parse(stdout || JSON.stringify({ stderr })) as {
          testResults: { message: string; assertionResults: Result[] }[];
        };
        results = testResults.flatMap(({ assertionResults }) => assertionResults);
      });

      test.each(tests)('%s', (title) => {
        const result = results.find((each) => each.title === title);
        expect(result?.failureMessages).toEqual([]);
        expect(result?.status).toBe('passed');
      });
    });
  });
}
