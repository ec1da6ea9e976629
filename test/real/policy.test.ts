import { join } from 'node:path';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { GrafanaDashboard } from '../../src/tools/grafana/model';
import { type Program, startProgram } from '../support/start-program';
import { type Prometheus, startPrometheus } from '../support/start-prometheus';
import { runCommand } from '../tools/cli/program/command';
import { queriesOf } from '../tools/grafana/dashboard-queries';
import { dataOf } from './query-data';

const FOLDER = join(__dirname, 'policy');
const AUTO = join(__dirname, '../../dist/auto.js');
const POLICY = join(FOLDER, 'policy.json');

let service: Program;
let prometheus: Prometheus;
let dashboard: GrafanaDashboard;

/** Generates from the running program alone, as for a program whose code is not at hand. */
async function generate(command: string, address: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, address, '--config', POLICY);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

beforeAll(async () => {
  const args = ['--require', AUTO, join(FOLDER, 'service.cjs')];
  const variables = { THRIFT_METRICS_PORT: '0', THRIFT_METRICS_CONFIG: POLICY };
  service = startProgram(process.execPath, args, '', variables);
  const [, address = ''] = await service.writes(/thrift-metrics: http:\/\/(\S+)/);
  // The program creates its servers after the endpoint listens.
  const rules = await vi.waitFor(() => generate('rules', address), {
    timeout: 60_000,
    interval: 500,
  });
  dashboard = JSON.parse(await generate('dashboard', address)) as GrafanaDashboard;
  prometheus = await startPrometheus([address], [], { text: rules });
});

afterAll(async () => {
  await Promise.all([service?.stop(), prometheus?.stop()]);
});

test('every query of the dashboard of a program without code of ours has data', async () => {
  // Faults have series from the first fault on, trace contexts while tracing is enabled, expired series with `expireAfter`.
  const absent = new Set([
    'Faults of the metrics code',
    'Rejected trace contexts',
    'Expired series',
  ]);
  const queries = queriesOf(dashboard).filter(({ panel }) => !absent.has(panel.title ?? ''));
  expect(queries.length).toBeGreaterThan(50);
  for (const query of queries) {
    await vi.waitFor(
      async () => expect(await dataOf(prometheus, query), query.place).not.toEqual([]),
      {
        timeout: 60_000,
        interval: 500,
      },
    );
  }
});

test('the objective of a rule is recorded, and its alert fires', async () => {
  const firing = 'ALERTS{alertname="ThriftAvailabilityBudgetBurn",alertstate="firing"}';
  await vi.waitFor(
    async () => {
      const found = await prometheus.query(firing);
      const methods = found.map(({ metric }) => `${metric['service']}.${metric['method']}`);
      expect([...new Set(methods)]).toEqual(['Calculator.mean']);
    },
    { timeout: 60_000, interval: 500 },
  );
  const targets = await prometheus.query('service_method:thrift_objective_target:info');
  expect(targets.map(({ metric }) => metric['method'])).toContain('add');
});

test('check finds the names of labels in Prometheus, and nothing to complain about', async () => {
  const { code, stdout, stderr } = await runCommand(
    'check',
    '--json',
    '--prometheus',
    prometheus.address,
    '--prefix',
    'shop_',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const report = JSON.parse(stdout) as { findings: unknown[]; queries: { answered: number } };
  expect(report.findings).toEqual([]);
  expect(report.queries.answered).toBeGreaterThan(30);
});

test('an excluded health check has no series, and no rule of Prometheus fails', async () => {
  const requests = await prometheus.query('shop_thrift_server_requests_total{method="add"}');
  expect(Number(requests[0]?.value[1])).toBeGreaterThan(0);
  for (const expression of ['{method="ping"}', '{thrift_method="ping"}', '{thrift_service!=""}']) {
    expect(await prometheus.query(expression)).toEqual([]);
  }
  const rules = await prometheus.rules();
  expect(rules.filter(({ health }) => health === 'err')).toEqual([]);
});
