import { join } from 'node:path';

import { expect, test } from 'vitest';

import { startProgram } from '../support/start-program';
import { copyFolder, loadPackages } from './packages';

const { first, second } = loadPackages('copies');

const CLI = join(copyFolder('copies'), 'dist/cli.js');
const MODULE = join(__dirname, 'programs/declares.cjs');

test('dashboard, rules and list of one copy show what the other declares', () => {
  @first.Instrumented({ service: 'Tools' })
  @first.Objective({ availability: 0.999 })
  class ToolsHandler {
    run(): void {}
  }
  expect(second.getDeclaredMetrics(ToolsHandler)).toEqual(first.getDeclaredMetrics(ToolsHandler));
  expect(second.getDeclaredMetrics(ToolsHandler)).toHaveLength(4);
  const rules = second.createPrometheusRules();
  expect(rules).toEqual(first.createPrometheusRules());
  expect(JSON.stringify(rules)).toContain('Tools');
  expect(second.createGrafanaDashboard()).toEqual(first.createGrafanaDashboard());
});

test('the command line of one copy lists modules that use the other', async () => {
  const { stdout, stderr } = await startProgram(process.execPath, [CLI, 'list', MODULE]).ended;
  expect(stderr).toBe('');
  expect(stdout).toMatch(/Calculator\W+add\b/);
});

test('the command line of one copy shows the code of an error of the other', async () => {
  const env = { MISTAKE: '1' };
  const program = startProgram(process.execPath, [CLI, 'list', MODULE], '', env);
  const { stderr } = await program.ended;
  expect(stderr).toContain('TM_ERR_OPTION_INVALID');
});
