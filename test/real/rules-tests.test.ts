import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CalculatorHandler } from '../../examples/calculator/handler';
import {
  createPrometheusRules,
  createPrometheusRuleTests,
  type PrometheusRules,
  type PrometheusRulesOptions,
} from '../../src/dashboards';
import { declaredMethods } from '../../src/declaration/describe';
import { Counted, Instrumented, Objective, ThriftService } from '../../src/index';
import { currentRuntime } from '../../src/runtime/runtime';
import { runProgram } from '../support/start-program';

@Instrumented
@Objective({ availability: 0.995, latency: { target: 0.95, within: 1 }, scope: 'service' })
class StoreHandler {
  get() {}

  @Counted('store_puts_total')
  put() {}

  @Objective({ availability: 0.9, window: '7d' })
  list() {}
}

@ThriftService('Plain/β')
@Instrumented
class PlainHandler {
  ping() {}
}

const VARIANTS: readonly (readonly [string, PrometheusRulesOptions])[] = [
  ['without options', {}],
  [
    'with the series of Sloth, labels and classic histograms',
    {
      sloth: true,
      histograms: 'classic',
      recordingLabels: { team: 'store' },
      labels: { team: 'store' },
      pageLabels: { severity: 'critical' },
    },
  ],
];

let folder: string;

beforeAll(async () => {
  expect([StoreHandler, PlainHandler, CalculatorHandler]).toHaveLength(3);
  folder = await mkdtemp(join(tmpdir(), 'rule-tests-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function promtool(rules: object, tests: object) {
  await writeFile(join(folder, 'rules.yml'), JSON.stringify(rules));
  await writeFile(join(folder, 'tests.yml'), JSON.stringify(tests));
  const check = await runProgram('promtool', [
    'check',
    'rules',
    '--lint-fatal',
    join(folder, 'rules.yml'),
  ]);
  const { code, stdout, stderr } = await runProgram('promtool', [
    'test',
    'rules',
    join(folder, 'tests.yml'),
  ]);
  return { check: check.code, test: code, output: stdout + stderr };
}

describe.each(VARIANTS)('the generated tests %s', (_, options) => {
  test('pass with the generated rules', async () => {
    const tests = createPrometheusRuleTests('rules.yml', options);
    const result = await promtool(createPrometheusRules(options), tests);
    expect(result).toEqual({ check: 0, test: 0, output: expect.stringContaining('SUCCESS') });
  });

  test('have a history in which each alert fires, and one in which it is silent', () => {
    const alerts = createPrometheusRules(options).groups.flatMap(({ rules }) =>
      rules.flatMap((rule) => ('alert' in rule ? [rule] : [])),
    );
    const histories = createPrometheusRuleTests('rules.yml', options).tests.map((each) =>
      each.promql_expr_test.flatMap(({ exp_samples }) => exp_samples.map(({ labels }) => labels)),
    );
    const NAMES = ['severity', 'thrift_service', 'thrift_method', 'thrift_objective'];
    for (const { alert, labels } of alerts) {
      const parts = [...NAMES, 'long_window'].flatMap((name) =>
        labels[name] === undefined ? [] : [`${name}="${labels[name]}"`],
      );
      const isFiring = (history: string[]) =>
        history.some((firing) =>
          [`alertname="${alert}"`, ...parts].every((part) => firing.includes(part)),
        );
      const firing = histories.filter(isFiring).length;
      expect([alert, parts, firing]).toEqual([alert, parts, expect.any(Number)]);
      expect(firing, `${alert} ${parts.join()} fires`).toBeGreaterThan(0);
      expect(firing, `${alert} ${parts.join()} is silent`).toBeLessThan(histories.length);
    }
  });
});

/** Changes every alert whose expression contains a text. */
function broken(from: string, to: string): PrometheusRules {
  const rules = createPrometheusRules();
  return {
    groups: rules.groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) =>
        'alert' in rule ? { ...rule, expr: rule.expr.replaceAll(from, to) } : rule,
      ),
    })),
  };
}

test.each([
  ['a burn rate that is too low', ' > 14.4 *', ' > 5 *'],
  ['a burn rate that is too high', ' > 3 *', ' > 4 *'],
  ['a hang that is too short', ' > 60', ' > 20'],
  ['an alert on stopped calls that never fires', '== 0', '< 0'],
  [
    'an alert on missing metrics that never fires',
    'max by',
    'max without (thrift_service, x) (vector(0) == 1) or 0 * max by',
  ],
  ['an alert on lost replies that ignores the number of messages', '> 0.01 *', '> 0 *'],
  ['an alert on dependencies that fires too early', '> 0.9', '> 0.4'],
])('the generated tests fail for %s', async (_, from, to) => {
  const tests = createPrometheusRuleTests('rules.yml');
  // promtool needs most of its time for the history of eight days, which tests only one alert.
  const needed = tests.tests.filter(({ name }) => /eight days/.test(name) === (from === '== 0'));
  const { test: code, output } = await promtool(broken(from, to), { ...tests, tests: needed });
  expect(code).toBe(1);
  expect(output).toContain('got:');
});

test('an address names the service and the method that only the series have', async () => {
  const options = {
    dashboardUrl: 'https://grafana.test/d/thrift?service={service}&method={method}',
  };
  const tests = createPrometheusRuleTests('rules.yml', options);
  const rules = createPrometheusRules(options);
  const addresses = rules.groups.flatMap((group) =>
    group.rules.flatMap((rule) =>
      'alert' in rule && rule.alert === 'ThriftRepliesLost'
        ? [{ ...rule, annotations: { dashboard_url: rule.annotations.dashboard_url } }]
        : [],
    ),
  );
  const lost = (service: string) => ({
    exp_labels: { job: 'thrift', severity: 'ticket', thrift_service: service },
    exp_annotations: {
      dashboard_url: `https://grafana.test/d/thrift?service=${encodeURIComponent(service)}&method=`,
    },
  });
  const history = tests.tests.find(({ name }) => name.startsWith('calls hang'));
  const services = new Set(declaredMethods(currentRuntime()).map(({ service }) => service));
  const { output } = await promtool(
    { groups: [{ name: 'addresses', rules: addresses }] },
    {
      ...tests,
      tests: [
        {
          ...history,
          promql_expr_test: [],
          alert_rule_test: [
            {
              alertname: 'ThriftRepliesLost',
              eval_time: '1h',
              exp_alerts: [...services].map(lost),
            },
          ],
        },
      ],
    },
  );
  expect(output).toContain('SUCCESS');
});

test('the series of Sloth have the ratios, burn rates and budgets of the objectives', async () => {
  const tests = createPrometheusRuleTests('rules.yml', { sloth: true });
  const [first] = tests.tests;
  if (first === undefined) throw new Error('there is no history');
  /** In the first history, nine tenths of the allowed calls are bad, at all times. */
  const seriesOf = (target: string, days: number): Record<string, number> => {
    const allowed = Number((1 - Number(target) / 100).toFixed(6));
    const bad = Number((0.9 * allowed).toFixed(6));
    return {
      'slo:sli_error:ratio_rate5m': bad,
      'slo:sli_error:ratio_rate1h': bad,
      [`slo:sli_error:ratio_rate${days}d`]: bad,
      'slo:objective:ratio': Number(target) / 100,
      'slo:error_budget:ratio': allowed,
      'slo:time_period:days': days,
      'slo:current_burn_rate:ratio': 0.9,
      'slo:period_burn_rate:ratio': 0.9,
      'slo:period_error_budget_remaining:ratio': 0.1,
      [`sloth_slo_info{sloth_objective="${target}"}`]: 1,
    };
  };
  const ofService = Object.entries(seriesOf('99.5', 30)).map(
    ([series, value]) => [series, value, 'availability'] as const,
  );
  const ofMethod = Object.entries(seriesOf('90', 7)).map(
    ([series, value]) => [series, value, 'list-availability'] as const,
  );
  const history = {
    ...first,
    promql_expr_test: [...ofService, ...ofMethod].map(([series, value, slo]) => {
      const id = `sloth_id="Store-${slo}",sloth_service="Store",sloth_slo="${slo}"`;
      return {
        expr: `round(max by (sloth_id, sloth_service, sloth_slo) (${series}), 0.000001) and on (sloth_id) slo:objective:ratio{${id}}`,
        eval_time: '1h',
        exp_samples: [{ labels: `{${id}}`, value }],
      };
    }),
  };
  const rules = createPrometheusRules({ sloth: true });
  const { output } = await promtool(rules, {
    ...tests,
    // promtool evaluates groups in any order, so the series of other groups must exist at an earlier evaluation.
    evaluation_interval: '1m',
    tests: [history],
  });
  expect(output).toContain('SUCCESS');
});
