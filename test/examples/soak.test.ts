import { expect, onTestFinished, test } from 'vitest';

import { startProgram, type Program } from '../support/start-program';

function startSoak(...args: string[]): Program {
  const main = ['--require=tsx/cjs', 'bench/soak/main.ts', ...args];
  const program = startProgram(process.execPath, main);
  onTestFinished(() => program.stop());
  return program;
}

test('a soak test of half a minute passes, and everything in it happens', async () => {
  const { code, stdout, stderr } = await startSoak('--minutes', '0.5').ended;

  expect(stdout).not.toContain('**failed**');
  expect(stdout).toContain('All checks passed.');
  const figures = [...stdout.matchAll(/^\| ([^|]+) \| (\d+) \|$/gm)];
  expect(figures.length).toBeGreaterThan(20);
  const never = figures.filter(
    ([, what, times]) => !MAY_BE_ZERO.has(what ?? '') && Number(times) === 0,
  );
  expect(never.map(([line]) => line)).toEqual([]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

/** The only figures in the table that may be 0. */
const MAY_BE_ZERO = new Set([
  'scrapes of the sums slower than a second',
  'scrapes while no worker served the sum',
  'connections that no worker took',
]);

test.each(['0', '-1', 'x', '1e3', '1441'])(
  '--minutes %s ends the soak test with exit code 1 and a line that names the option',
  async (minutes) => {
    const { code, stdout, stderr } = await startSoak(`--minutes=${minutes}`).ended;

    expect(stderr).toMatch(/--minutes/);
    expect(stderr).toContain(`'${minutes}'`);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  },
);
