import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { MethodDetail, Overview } from '../../../src/tools/page/browser/protocol';

const within = { timeout: 20_000, interval: 100 };

/** Starts the cluster. Resolves with the program and the address of its page, once the page knows the methods. */
async function start(): Promise<{ program: ChildProcess; url: string }> {
  const program = fork(join(__dirname, 'programs/page.mjs'), { execArgv: [], detached: true });
  onTestFinished(() => void process.kill(-(program.pid as number), 'SIGKILL'));
  const [url] = (await once(program, 'message')) as [string];
  await vi.waitUntil(async () => (await overviewOf(url)).methods.length === 2, within);
  return { program, url };
}

async function overviewOf(url: string): Promise<Overview> {
  return (await fetch(`${url}/-/overview.json?window=900`)).json() as Promise<Overview>;
}

async function detailOf(url: string, method: string): Promise<MethodDetail> {
  const query = `window=900&service=Calculator&method=${method}`;
  return (await fetch(`${url}/-/method.json?${query}`)).json() as Promise<MethodDetail>;
}

test('the live page shows the sum over the workers, including methods that only workers declare', async () => {
  const { program, url } = await start();

  program.send({ to: 0, times: 3 });
  program.send({ to: 1, times: 4 });

  // The page shows rates: the number of calls is the rate times the time that it covers.
  await vi.waitFor(async () => {
    const { methods, from, to, process } = await overviewOf(url);
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

test('the live page of a primary shows the latest message of its workers, and whose it is', async () => {
  const { program, url } = await start();
  program.send({ to: 1, times: 1 });
  await vi.waitFor(async () => {
    const { errors, hidden } = await detailOf(url, 'fail');
    expect(hidden).toBeNull();
    expect(errors).toMatchObject([{ type: 'RangeError', said: { message: 'as asked' } }]);
    const { stack = '', process: source } = errors[0]?.said ?? {};
    expect(stack).toMatch(/^at .*page\.mjs:\d+:\d+/);
    expect(Number(source)).toBeGreaterThan(0);
    expect(Number(source)).not.toBe(program.pid);
  }, within);
});

test('the live page of a primary marks a worker that was replaced, and does not compare its sum with an earlier one', async () => {
  const { program, url } = await start();
  expect((await detailOf(url, 'add')).markers.map(({ text }) => text)).toContain(
    '2 workers started',
  );
  program.send({ to: 0, restarts: true });
  await vi.waitFor(async () => {
    const { markers, earlier } = await detailOf(url, 'add');
    expect(markers.map(({ text }) => text).join('; ')).toMatch(
      /1 worker restarted|1 worker ended; 1 worker started/,
    );
    expect(earlier.figures).toBeNull();
  }, within);
});
