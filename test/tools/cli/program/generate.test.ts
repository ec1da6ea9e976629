import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import type { PrometheusRules, PrometheusRuleTests } from '../../../../src/dashboards';
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

test('the rules command writes a PrometheusRule with its name and labels', async () => {
  const metadata = ['--name', 'calculator', '--metadata-label', 'release=prometheus'];
  const { stdout } = await runCommand(
    'rules',
    '--format',
    'prometheusrule',
    ...metadata,
    handlers(),
  );
  const rules = await runCommand('rules', handlers());
  expect(parse(stdout)).toEqual({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'calculator', labels: { release: 'prometheus' } },
    spec: parse(rules.stdout),
  });
});

test('the rules command adds the series of Sloth, and labels for pages, tickets and recordings', async () => {
  const format = ['--format', 'sloth', '--recording-label', 'from=thrift'];
  const severities = ['--page-label', 'severity=critical', '--ticket-label', 'severity=warning'];
  const url = 'https://grafana.test/d/thrift';
  const { stdout } = await runCommand(
    'rules',
    ...format,
    ...severities,
    '--dashboard-url',
    url,
    handlers(),
  );
  const rules = (parse(stdout) as PrometheusRules).groups.flatMap((group) => group.rules);
  const alerts = rules.flatMap((rule) => ('alert' in rule ? [rule] : []));
  const recordings = rules.flatMap((rule) => ('record' in rule ? [rule] : []));
  expect(recordings.map(({ record }) => record)).toContain('slo:current_burn_rate:ratio');
  expect(recordings.every(({ labels }) => labels?.['from'] === 'thrift')).toBe(true);
  expect(new Set(alerts.map(({ labels }) => labels['severity']))).toEqual(
    new Set(['critical', 'warning']),
  );
  expect(alerts.map(({ annotations }) => annotations.dashboard_url)).toEqual(alerts.map(() => url));
});

test('the rules command writes tests that name the rule file by its path from the test file', async () => {
  const rules = writeModule('generate/tested/rules.yml', '');
  const tests = writeModule('generate/tested/tests/rules.yml', '');
  const { code, stderr } = await runCommand('rules', handlers(), '-o', rules, '--tests', tests);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(parse(readFileSync(tests, 'utf8'))).toMatchObject({ rule_files: ['../rules.yml'] });
});

test('the rules command adds anomalies and their tests, and the dashboard command their bands', async () => {
  const rules = writeModule('generate/tested/anomalies.yml', '');
  const tests = writeModule('generate/tested/anomalies.test.yml', '');
  const files = ['-o', rules, '--anomaly-tests', tests];
  const { code, stderr } = await runCommand('rules', '--anomalies', handlers(), ...files);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readFileSync(rules, 'utf8')).toContain('ThriftLatencyAnomaly');
  const { rule_files, tests: histories } = parse(
    readFileSync(tests, 'utf8'),
  ) as PrometheusRuleTests;
  expect(rule_files).toEqual(['anomalies.yml']);
  expect(histories.map(({ name }) => name)).toContain('anomalies of Calculator.add');

  const { stdout } = await runCommand('dashboard', '--anomalies', handlers());
  expect(stdout).toContain('"Anomalies of $method"');
});

test.each([
  [
    'tests of anomalies without anomalies',
    ['--anomaly-tests', 'tests.yml', '-o', 'rules.yml'],
    'Add --anomalies',
  ],
  ['tests without a rule file', ['--tests', 'tests.yml'], 'Tests need a rule file'],
  [
    'tests of a PrometheusRule',
    ['--format', 'prometheusrule', '--tests', 'tests.yml', '-o', 'rules.yml'],
    'Tests need a rule file',
  ],
  ['a name of a rule file', ['--name', 'calculator'], '--name and --metadata-label'],
  [
    'a name that Kubernetes does not allow',
    ['--format', 'prometheusrule', '--name', 'My Rules'],
    'Kubernetes resource',
  ],
  ['a runbook that is not a URL', ['--runbook-url', 'docs/alerts.md'], "option 'runbookUrl'"],
])('the rules command rejects %s', async (_, options, message) => {
  const { code, stdout, stderr } = await runCommand('rules', ...options, handlers());
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
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
