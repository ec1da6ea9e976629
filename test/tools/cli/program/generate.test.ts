import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { compileModule, HANDLERS, runCommand, writeModule } from './command';

const handlers = () => compileModule('generate/handlers.mjs', HANDLERS);

test('the rules command prints YAML for what the modules declare', async () => {
  const options = ['--label', 'team=pay=ments', '--label', 'tier=1', '--interval', '45s'];
  const { code, stdout, stderr } = await runCommand('rules', ...options, handlers());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rules = parse(stdout) as { groups: unknown[] };
  expect(rules.groups.length).toBeGreaterThan(0);
  for (const text of ['Calculator', 'pay=ments', 'tier', '45s']) expect(stdout).toContain(text);
});

test('the rules link to the runbook given by --runbook-url', async () => {
  const url = 'https://runbooks.example/';
  const { stdout } = await runCommand('rules', '--runbook-url', url, handlers());
  expect(stdout).toContain(url);
});

test('the dashboard command prints JSON with the given title and uid', async () => {
  const options = ['--title', 'Payments', '--uid', 'payments-1'];
  const { code, stdout, stderr } = await runCommand('dashboard', ...options, handlers());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ title: 'Payments', uid: 'payments-1' });
});

test.each(['rules', 'dashboard'])('-o writes the %s to a file', async (command) => {
  const file = writeModule(`generate/${command}.out`, '');
  const printed = await runCommand(command, handlers());
  const { code, stdout } = await runCommand(command, handlers(), '-o', file);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(readFileSync(file, 'utf8')).toBe(printed.stdout);
});

test.each(['rules', 'dashboard'])(
  'the %s command rejects modules without a decorated class',
  async (command) => {
    const { code, stdout, stderr } = await runCommand(
      command,
      compileModule('generate/none.mjs', ''),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('no decorated class found');
  },
);
