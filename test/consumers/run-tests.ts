import { run } from './run';

/** The entry points of Jest and Vitest in a project. */
export const JEST = 'node_modules/jest/bin/jest.js';
export const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json'];

/** The report of both runners, in the format of Jest. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs the tests of a project, which may fail, on one Node.js. */
export async function runTests(
  node: string,
  args: readonly string[],
  project: string,
): Promise<TestReport['testResults']> {
  const { stdout, stderr } = await run(node, args, project);
  try {
    return (JSON.parse(stdout) as TestReport).testResults;
  } catch (cause) {
    throw new Error(`${args.join(' ')} reported nothing: ${stdout}${stderr}`, { cause });
  }
}
