import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { Overview } from '../../../src/tools/page/browser/protocol';

test('the live page shows the sum over the workers, including methods that only workers declare', async () => {
  const program = fork(join(__dirname, 'programs/page.mjs'), { execArgv: [], detached: true });
  onTestFinished(() => void process.kill(-(program.pid as number), 'SIGKILL'));
  const [url] = (await once(program, 'message')) as [string];
  const overview = async (): Promise<Overview> =>
    (await fetch(`${url}/-/overview.json?window=900`)).json() as Promise<Overview>;
  const within = { timeout: 20_000, interval: 100 };
  await vi.waitUntil(async () => (await overview()).methods.length === 2, within);

  program.send({ to: 0, times: 3 });
  program.send({ to: 1, times: 4 });

  // The page shows rates: the number of calls is the rate times the time that it covers.
  await vi.waitFor(async () => {
    const { methods, from, to, process } = await overview();
    expect(process.hasWorkers).toBe(true);
    const counted = methods.map(({ service, method, rate, failedRatio }) => ({
      method: `${service}.${method}`,
      calls: Math.round(((rate ?? 0) * (to - from)) / 1000),
      failedRatio,
    }));
    expect(counted).toEqual(
      expect.arrayContaining([
        { method: 'Calculator.add', calls: 7, failedRatio: 0 },
        { method: 'Calculator.fail', calls: 2, failedRatio: 1 },
      ]),
    );
  }, within);
});
