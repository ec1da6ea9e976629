import { expect, test } from 'vitest';

import { version } from '../../../../package.json';
import { runCommand } from './command';

const COMMANDS = ['list', 'rules', 'dashboard', 'diff', 'check', 'doctor', 'top'];

test.each([[], ...COMMANDS.map((command) => [command])])(
  '--help of %j shows examples',
  async (...words) => {
    const { code, stdout, stderr } = await runCommand(...words, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\nExamples:\n {2}thrift-metrics \w/);
  },
);

test('--version prints the version of the package', async () => {
  expect(await runCommand('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  [['lst'], "unknown command 'lst' (Did you mean list?)"],
  [['list'], 'Pass a module, the URL of a running endpoint, or a policy file by --config.'],
  [['list', '--jsn', 'x'], "unknown option '--jsn' (Did you mean --json?)"],
  [
    ['top', '--sort', 'x', 'y'],
    "option '--sort <order>' argument 'x' is invalid. Allowed choices are problems, name, rate, failed, bad, p50, p95, p99, inflight, oldest, budget, loop.",
  ],
  [
    ['top', '--interval', 'x', 'y'],
    "option '--interval <seconds>' argument 'x' is invalid. Pass a number greater than 0.",
  ],
  [
    ['top', '--interval', '0.01', 'y'],
    "option '--interval <seconds>' argument '0.01' is invalid. Pass a number of seconds from 0.1 to 86400.",
  ],
  [
    ['rules', '--label', 'x', 'y'],
    "option '--label <name=value>' argument 'x' is invalid. Pass a label such as team=payments.",
  ],
])('the wrong arguments %j print one line and exit with code 2', async (args, message) => {
  expect(await runCommand(...args)).toEqual({
    code: 2,
    stdout: '',
    stderr: `thrift-metrics: ${message}\n`,
  });
});

test('without a command, the help is printed and the exit code is 2', async () => {
  const { code, stdout, stderr } = await runCommand();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: thrift-metrics /);
});
