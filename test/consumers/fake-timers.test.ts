import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT } from './consumer';
import { packedPackage } from './projects';
import { outputOf, run } from './run';
import { JEST, runTests, VITEST } from './run-tests';

const thePackage = packedPackage();

test('under the fake timers of node:test, metrics are rendered and served with true durations', async () => {
  const project = await thePackage.install('fake-timers');
  await outputOf(process.execPath, ['--test', 'node.mjs'], project);
});

test.each(['2', '3', '4'])(
  'under the fake timers of Vitest %s, metrics are rendered and served with true durations',
  async (version) => {
    const project = await thePackage.install('fake-timers', [`vitest@^${version}.0.0`]);
    const files = await runTests(process.execPath, VITEST, project);
    const results = files.flatMap(({ assertionResults }) => assertionResults);
    expect(results.map(({ failureMessages }) => failureMessages)).toEqual([[], []]);
  },
);

describe('Jest', () => {
  let project: string;
  beforeAll(async () => {
    project = await thePackage.install('jest');
  }, TIMEOUT);

  const jest = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await run(process.execPath, [JEST, '--no-cache', ...args], project);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  };

  test('under fake timers, metrics are rendered and served with true durations', () =>
    jest('fake-timers.test.js'));

  test('under fake timers that Jest enables globally, metrics are rendered with true durations', () =>
    jest('fake-timers.test.js', '--fakeTimers={"enableGlobally":true}'));

  test('--detectLeaks finds no leak after the package was loaded and has rendered', () =>
    jest('leaks.test.js', '--detectLeaks'));

  test('after resetModules or in isolateModules, a test reads what it counted in its own prom-client', () =>
    jest('fresh-library.test.js'));
});
