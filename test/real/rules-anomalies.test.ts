import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  createGrafanaDashboard,
  createPrometheusAnomalyTests,
  createPrometheusRules,
} from '../../src/dashboards';
import { Instrumented } from '../../src/index';
import type { PrometheusRuleGroup } from '../../src/tools/rules/prometheus-rules';
import { queriesOf } from '../tools/grafana/dashboard-queries';
import { runProgram } from '../support/start-program';

/** promtool evaluates a week, minute by minute. */
const TIMEOUT = 600_000;

@Instrumented
class StoreHandler {
  get() {}
}

let folder: string;

beforeAll(async () => {
  expect(StoreHandler.name).toBe('StoreHandler');
  folder = await mkdtemp(join(tmpdir(), 'anomalies-'));
});

afterAll(() => rm(folder, { recursive: true }));

function anomalyGroups(): PrometheusRuleGroup[] {
  const { groups } = createPrometheusRules({
    anomalies: true,
    histograms: 'classic',
    recordingLabels: { team: 'store' },
  });
  // Bands read neither the other quantiles nor the bad calls.
  const isUnused = (record: string): boolean => /:p(?:50|95)_|:bad_/.test(record);
  return groups
    .filter(({ name }) => name === 'thrift_methods' || name === 'thrift_anomalies')
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => !('record' in rule && isUnused(rule.record))),
    }));
}

async function promtool(name: string, groups: PrometheusRuleGroup[], tests: object) {
  await writeFile(join(folder, `${name}.yml`), JSON.stringify({ groups }));
  await writeFile(join(folder, `${name}.test.yml`), JSON.stringify(tests));
  const check = await runProgram('promtool', [
    'check',
    'rules',
    '--lint-fatal',
    join(folder, `${name}.yml`),
  ]);
  expect(check).toMatchObject({ code: 0 });
  const file = join(folder, `${name}.test.yml`);
  const { code, stdout, stderr } = await runProgram('promtool', ['test', 'rules', file]);
  return { code, output: stdout + stderr };
}

/** The value and the band of each panel for one deployment, as calculated by hand from its traffic before the event. */
const PANELS: Readonly<Record<string, readonly [value: number, upper: number, lower: number]>> = {
  // 6,000 calls a minute.
  'Rate and its band': [100, 150, 50],
  'Failure ratio and its band': [0.01, 0.015, 0.005],
  // 99.5 % of calls are in the bucket of 0.1 s: 0.1 * 0.99 / 0.995.
  'p99 and its band': [0.0995, 0.1492, 0.0497],
};

test(
  'a rhythm, a deploy, growth and few calls raise no alert, and the changes do within ten minutes',
  async () => {
    const { tests, ...file } = createPrometheusAnomalyTests('pass.yml');
    const [history] = tests;
    const [start] = history?.promql_expr_test ?? [];
    if (history === undefined || start === undefined) throw new Error('there is no history');
    const queries = queriesOf(createGrafanaDashboard({ anomalies: true })).filter(
      ({ row }) => row.title === 'Anomalies of $method',
    );
    const panels = queries.map(({ panel, target }) => {
      const column = ['A', 'B', 'C'].indexOf(target.refId);
      const expr = target.expr
        .replaceAll('$job', 'latency-step')
        .replaceAll('$service', 'Store')
        .replaceAll('$method', 'get');
      return {
        expr: `round(sum(${expr}), 0.0001)`,
        eval_time: start.eval_time,
        exp_samples: [{ labels: '{}', value: PANELS[panel.title]?.[column] }],
      };
    });
    expect(panels).toHaveLength(9);
    const withPanels = {
      ...history,
      promql_expr_test: [...history.promql_expr_test, ...panels],
    };
    const result = await promtool('pass', anomalyGroups(), { ...file, tests: [withPanels] });
    expect(result).toEqual({ code: 0, output: expect.stringContaining('SUCCESS') });
  },
  TIMEOUT,
);

test(
  'the generated tests fail for bands that are too narrow for few calls, and for one that is too wide',
  async () => {
    const change = (text: string): string =>
      text
        // No minimum width of the rate, and no minimum of calls for the p99.
        .replaceAll(', 0.1)', ', 0)')
        .replaceAll('>= 100 / 300', '>= 0 / 300')
        // Thrice the width of the failure ratio.
        .replaceAll(/0\.5 (\* m\w+ by \([^)]*\) \(\S*failed_requests)/g, '1.5 $1');
    const broken = anomalyGroups().map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, expr: change(rule.expr) })),
    }));
    const { code, output } = await promtool(
      'broken',
      broken,
      createPrometheusAnomalyTests('broken.yml'),
    );
    expect(code).toBe(1);
    const found = output.split('got:').at(-1) ?? '';
    const alerts = [...found.matchAll(/alertname=\\?"(\w+)\\?", job=\\?"([\w-]+)\\?"/g)];
    expect(new Set(alerts.map(([, alert, job]) => `${alert} ${job}`))).toEqual(
      new Set([
        'ThriftRateAnomaly few-calls',
        'ThriftLatencyAnomaly few-calls',
        'ThriftLatencyAnomaly latency-step',
        'ThriftRateAnomaly silent-client',
      ]),
    );
  },
  TIMEOUT,
);

const RATE = 'job_service_method:thrift_server_requests:rate5m';
const OF_STORE = '{job="store",thrift_service="Store",thrift_method="get"}';

/** Four hours of samples, one a minute. */
const constant = (value: number): string => `${value}+0x240`;
const RISING = '0+1x240';
const ALTERNATING = Array.from({ length: 241 }, (_, minute) => (minute % 2) * 40).join(' ');

/** The same hours two weeks ago, last week, yesterday and today. */
const onDays = (twoWeeksAgo: string, lastWeek: string, yesterday: string, today: string): string =>
  `${twoWeeksAgo} _x9839 ${lastWeek} _x8399 ${yesterday} _x1199 ${today}`;

test('the usual value is the median of three days, and a steady rise is not a deviation', async () => {
  const groups = anomalyGroups();
  const rules = groups.flatMap((group) => group.rules);
  const expressionOf = (suffix: string): string =>
    rules.find((rule) => 'record' in rule && rule.record === `${RATE}_${suffix}`)?.expr ?? '';
  const [deviation = ''] = expressionOf('deviation').split('\n> on');
  const history = (name: string, values: string, usual: number, spread: number) => ({
    name,
    interval: '1m',
    input_series: [{ series: RATE + OF_STORE, values }],
    promql_expr_test: [
      { expr: expressionOf('expected'), value: usual },
      { expr: deviation, value: spread },
    ].map(({ expr, value }) => ({
      // Versions of Prometheus differ in whether a range has 60 or 61 minutes.
      expr: `round(${expr}, 10)`,
      eval_time: '14d2h',
      exp_samples: [{ labels: OF_STORE, value }],
    })),
  });
  const today = constant(20);
  const { output } = await promtool('usual', groups, {
    rule_files: ['usual.yml'],
    evaluation_interval: '1d',
    tests: [
      history('a bad day', onDays(constant(30), today, constant(500), today), 30, 0),
      history('a bad day a week ago', onDays(constant(30), constant(500), today, today), 30, 0),
      // Two hours after the beginning of each day, the value is 120.
      history('a rise each day', onDays(RISING, RISING, RISING, RISING), 120, 0),
      history('two noisy days', onDays(today, ALTERNATING, ALTERNATING, today), 20, 20),
    ],
  });
  expect(output).toContain('SUCCESS');
});
