import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import type { GrafanaDashboard, PrometheusRules } from '../../../src/index';
import { startCalculator } from '../../support/start-calculator';
import { root, runCommand } from './command';

/** The arguments of a command, as the README has them. */
function argumentsOf(command: string): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, line] = new RegExp(`^npx thrift-metrics (${command} .*)$`, 'm').exec(readme) ?? [];
  if (line === undefined) throw new Error(`the README has no command ${command}`);
  return line.split(' ');
}

/** Runs it, and returns the file that it writes. */
async function written(command: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const args = argumentsOf(command);
  const file = args.indexOf('-o') + 1;
  const path = join(folder, args[file] as string);
  expect(await runCommand(...args.with(file, path))).toMatchObject({ code: 0, stderr: '' });
  return readFileSync(path, 'utf8');
}

test('the command for the dashboard writes one of the example', async () => {
  const { panels } = JSON.parse(await written('dashboard')) as GrafanaDashboard;
  expect(panels.length).toBeGreaterThan(10);
});

test('the command for the rules writes alerts of the example', async () => {
  const { groups } = parse(await written('rules')) as PrometheusRules;
  const alerts = groups.flatMap(({ rules }) => rules).filter((rule) => 'alert' in rule);
  const methods = new Set(alerts.map(({ labels }) => labels['thrift_method']));
  expect(methods).toContain('factorize');
});

test('the command for the terminal shows the example', async () => {
  const example = startCalculator('--duration', '20');
  onTestFinished(() => example.stop());
  const [, url = ''] = await example.writes(/^page +(http\S+)\/$/m);
  const args = argumentsOf('top').map((each) => (each === 'http://localhost:8000' ? url : each));
  const { code, stdout } = await runCommand(...args, '--once');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Calculator\.factorize +\d/m);
});
