import { expect, test } from 'vitest';

import type { PrometheusAlertingRule, PrometheusRuleGroup } from '../../src/dashboards';
import { exampleRules } from '../support/example-rules';
import { ALERT_OF_KIND, BURNS, METHODS, type ExpectedBurn } from './rules/expected-alerts';
import { historyOf, type Phase } from './rules/histories';
import { checkRules, testRules, type RuleTest } from './rules/promtool';

const { groups } = exampleRules();

const ofMethod = (method: string) =>
  groups.filter(({ name }) => name === `thrift_objectives/Calculator/${method}`);

/** Only the rules that some alerts need, because promtool evaluates every rule at every step. */
function onlyRules(
  found: readonly PrometheusRuleGroup[],
  isNeeded: (rule: PrometheusRuleGroup['rules'][number]) => boolean,
): PrometheusRuleGroup[] {
  return found.map((group) => ({ ...group, rules: group.rules.filter(isNeeded) }));
}

const PASSED = { code: 0, output: expect.stringContaining('SUCCESS') };

test('promtool has no complaints about the rules of the example', async () => {
  expect(await checkRules(groups)).toEqual(PASSED);
  expect(
    await checkRules([...groups, { name: 'wrong', rules: [{ record: 'a', expr: '1 +' }] }]),
  ).toMatchObject({ code: 1 });
});

test('every alert of the example is tested here', () => {
  const alerts = groups
    .flatMap(({ rules }) => rules)
    .filter((rule): rule is PrometheusAlertingRule => 'alert' in rule)
    .map(({ alert, labels }) => [alert, labels['thrift_method'], labels['long_window']].join(' '));
  const expected = [
    ...BURNS.map(({ kind, method, long }) => [ALERT_OF_KIND[kind], method, long].join(' ')),
    ...METHODS.map((method) => `ThriftCallsStopped ${method} `),
    'ThriftMetricsAbsent  ',
    // The histories of `createPrometheusRuleTests` have these.
    'ThriftCallsHang  ',
    'ThriftRepliesLost  ',
    'ThriftDependencyDown  ',
  ];
  expect(alerts.toSorted()).toEqual(expected.toSorted());
});

/** A sixtieth of the long window, rounded down to whole minutes. */
const stepOf = ({ longMinutes }: ExpectedBurn): number => Math.floor(longMinutes / 60);

/** The state of one alert that promtool must find after this many steps of a history. */
function firing(burn: ExpectedBurn, step: number, fires: boolean) {
  const { kind, method, long, short, longMinutes } = burn;
  const severity = longMinutes > 360 ? 'ticket' : 'page';
  const alert = `ALERTS{alertname="${ALERT_OF_KIND[kind]}",alertstate="firing",long_window="${long}"}`;
  const labels = alert.replace(
    '}',
    `,short_window="${short}",severity="${severity}",job="calculator",thrift_service="Calculator",thrift_method="${method}",thrift_objective="${kind}"}`,
  );
  return {
    expr: alert,
    eval_time: `${step * stepOf(burn)}m`,
    exp_samples: fires ? [{ labels, value: 1 }] : [],
  };
}

function burnTests(burn: ExpectedBurn): RuleTest[] {
  const { kind, method, limit, long, longMinutes, shortMinutes } = burn;
  const interval = stepOf(burn);
  const window = Math.ceil(longMinutes / interval);
  const short = Math.ceil(shortMinutes / interval);
  const calls = 100_000;
  const history = (name: string, phases: Phase[], checks: [step: number, fires: boolean][]) => ({
    name: `${ALERT_OF_KIND[kind]} of ${method} over ${long}: ${name}`,
    interval: `${interval}m`,
    input_series: historyOf(method, phases),
    promql_expr_test: checks.map(([step, fires]) => firing(burn, step, fires)),
  });
  const before = { steps: window, calls, bad: 0 };
  // At twice the limit, the long window exceeds the limit once half of it is bad.
  const early = window + Math.floor(window * 0.4);
  const late = window + Math.ceil(window * 0.6);
  const over = late + short + 2;
  const idle = { steps: 10, calls: 0, bad: 0 };
  return [
    history(
      'errors at twice the limit',
      [
        before,
        { steps: late - window, calls, bad: limit * 2 },
        { steps: over - late, calls, bad: 0 },
      ],
      [
        [window, false],
        [early, false],
        [late, true],
        // The alert ends with the errors, although the long window is still full of them.
        [over, false],
      ],
    ),
    history(
      'errors just below the limit',
      [{ steps: window + short, calls, bad: limit * 0.9 }],
      [
        [short, false],
        [window + short, false],
      ],
    ),
    history(
      'a handful of calls that are all bad',
      [idle, { steps: 9, calls: 1, bad: 1 }],
      [
        [10, false],
        [19, false],
      ],
    ),
    history(
      'a few more calls that are all bad',
      [idle, { steps: 20, calls: 1, bad: 1 }],
      [[30, true]],
    ),
  ];
}

test.each(METHODS)(
  'each burn rate alert of %s fires in time, and stays silent below its limit and for a handful of calls',
  async (method) => {
    const isOfMethod = (burn: ExpectedBurn) => burn.method === method;
    for (const kind of new Set(BURNS.filter(isOfMethod).map((burn) => burn.kind))) {
      const needed = onlyRules(
        ofMethod(method),
        ({ labels }) => labels?.['thrift_objective'] === kind,
      );
      const tests = BURNS.filter((burn) => isOfMethod(burn) && burn.kind === kind);
      expect(await testRules(needed, tests.flatMap(burnTests))).toEqual(PASSED);
    }
  },
);

const OF_ERRORS = 'thrift_exception_kind="undeclared"';

test('results that count as failed spend the availability budget on their own, and declared exceptions do not', async () => {
  const burn = BURNS.find(
    ({ method, kind, long }) => method === 'ping' && kind === 'availability' && long === '1h',
  ) as ExpectedBurn;
  /** The history in which the bad calls have this kind and type, and no call fails with an undeclared error. */
  const historyWith = (kind: string) => {
    const bad = historyOf('ping', [{ steps: 120, calls: 1000, bad: 2 * burn.limit }]);
    const zeros = historyOf('ping', [{ steps: 120, calls: 0, bad: 0 }]);
    const labels = `thrift_exception_kind="${kind}"`;
    const declared = 'thrift_exception_kind="declared"';
    return [
      ...bad
        .filter(({ series }) => kind !== 'declared' || !series.includes(declared))
        .map(({ series, values }) => ({ series: series.replace(OF_ERRORS, labels), values })),
      ...zeros.filter(({ series }) => series.includes(OF_ERRORS)),
    ];
  };
  const tests = (['result', 'declared'] as const).map((kind): RuleTest => ({
    name: `the bad calls have kind ${kind}`,
    interval: '1m',
    input_series: historyWith(kind),
    promql_expr_test: [firing(burn, 120, kind === 'result')],
  }));
  const needed = onlyRules(
    ofMethod('ping'),
    ({ labels }) => labels?.['thrift_objective'] === 'availability',
  );
  expect(await testRules(needed, tests)).toEqual(PASSED);
});

/**
 * Minutes between two samples of the longer histories. The ranges of Prometheus 2 include a sample at their start, those of
 * Prometheus 3 do not, so the interval is short beside the half hour that decides.
 */
const STEP = 5;
const HOUR = 60 / STEP;
const DAY = 24 * HOUR;

function stopped(method: string, step: number, fires: boolean) {
  const alert = `ALERTS{alertname="ThriftCallsStopped",alertstate="firing"}`;
  const labels = `,severity="ticket",job="calculator",thrift_service="Calculator",thrift_method="${method}"}`;
  return {
    expr: alert,
    eval_time: `${step * STEP}m`,
    exp_samples: fires ? [{ labels: alert.replace('}', labels), value: 1 }] : [],
  };
}

test.each(METHODS)(
  'an alert fires half an hour after the calls of %s stop, but not for a night without calls',
  async (method) => {
    const interval = `${STEP}m`;
    // 60 calls in half an hour.
    const busy = { calls: 10, bad: 0 };
    const night = { steps: 12 * HOUR, calls: 0, bad: 0 };
    const nightly = Array.from({ length: 9 }, () => [{ steps: 12 * HOUR, ...busy }, night]).flat();
    const tests: RuleTest[] = [
      {
        name: 'calls stop on the eighth day',
        interval,
        input_series: historyOf(method, [{ steps: 8 * DAY, ...busy }, night]),
        promql_expr_test: [
          stopped(method, 8 * DAY, false),
          stopped(method, 8 * DAY + 4, false),
          stopped(method, 8 * DAY + 8, true),
        ],
      },
      {
        name: 'no calls at night',
        interval,
        input_series: historyOf(method, nightly),
        promql_expr_test: [6, 13, 18].map((hours) =>
          stopped(method, 8 * DAY + hours * HOUR, false),
        ),
      },
      {
        name: 'a method that is hardly ever called',
        interval,
        // 24 calls in half an hour.
        input_series: historyOf(method, [{ steps: 8 * DAY, calls: 4, bad: 0 }, night]),
        promql_expr_test: [
          stopped(method, 8 * DAY + 8, false),
          stopped(method, 8 * DAY + 18, false),
        ],
      },
    ];
    const needed = onlyRules(
      ofMethod(method),
      (rule) => 'alert' in rule && rule.alert === 'ThriftCallsStopped',
    );
    expect(await testRules(needed, tests)).toEqual(PASSED);
  },
);

test('an alert fires ten minutes after metrics go missing, but not for metrics without calls', async () => {
  const ofService = groups.filter(({ name }) => name === 'thrift_objectives/Calculator');
  const idle = METHODS.flatMap((method) => historyOf(method, [{ steps: 60, calls: 0, bad: 0 }]));
  const end = (series: string, after: number) =>
    idle.map((input) =>
      input.series.includes(series)
        ? { ...input, values: `${'0 '.repeat(after)}stale` }
        : { ...input },
    );
  const alert = { alertname: 'ThriftMetricsAbsent' };
  const absent = {
    exp_labels: { severity: 'page', thrift_service: 'Calculator' },
    exp_annotations: {
      summary: 'Metrics of Calculator are missing in Prometheus',
      description:
        'Series that the objectives of Calculator need have been missing for 10m. The service is down, is not scraped, ' +
        'or exports its metrics under other names. Until the series return, no other alert of its objectives can fire.',
    },
  };
  const missing = (name: string, input_series: RuleTest['input_series']): RuleTest => ({
    name,
    interval: '1m',
    input_series,
    alert_rule_test: [
      { ...alert, eval_time: '29m', exp_alerts: [] },
      { ...alert, eval_time: '39m', exp_alerts: [] },
      { ...alert, eval_time: '41m', exp_alerts: [absent] },
    ],
  });
  const tests: RuleTest[] = [
    missing('the service goes', end('{', 30)),
    missing('a bucket goes', end('le="0.2"', 30)),
    missing('the calls go', end('requests_total', 30)),
    {
      name: 'no calls',
      interval: '1m',
      input_series: idle,
      alert_rule_test: [{ ...alert, eval_time: '59m', exp_alerts: [] }],
    },
  ];
  expect(await testRules(ofService, tests)).toEqual(PASSED);
  const unfounded = missing('no reason', idle);
  expect(await testRules(ofService, [unfounded])).toMatchObject({ code: 1 });
});

test('an alert has the failure, its share and the objective', async () => {
  const labels = {
    job: 'calculator',
    thrift_service: 'Calculator',
    thrift_method: 'ping',
    thrift_objective: 'availability',
    severity: 'page',
  };
  const ruleTest: RuleTest = {
    name: 'two calls in a hundred fail',
    interval: '1m',
    input_series: historyOf('ping', [{ steps: 120, calls: 100, bad: 0.02 }]),
    alert_rule_test: [
      {
        alertname: 'ThriftAvailabilityBudgetBurn',
        eval_time: '2h',
        exp_alerts: [
          {
            exp_labels: { ...labels, long_window: '1h', short_window: '5m' },
            exp_annotations: {
              summary:
                'Calculator.ping spends its availability error budget more than 14.4 times as fast as its objective allows',
              description:
                '2% of calls to Calculator.ping (job calculator) failed in the last 1h. The problem continues: the last 5m are ' +
                'above the threshold too. The objective is that 99.9% of calls do not fail over 30d. ' +
                'At 14.4 times the allowed rate, 2% of the error budget is gone in 1h.',
            },
          },
          {
            exp_labels: { ...labels, long_window: '6h', short_window: '30m' },
            exp_annotations: {
              summary:
                'Calculator.ping spends its availability error budget more than 6 times as fast as its objective allows',
              description:
                '2% of calls to Calculator.ping (job calculator) failed in the last 6h. The problem continues: the last 30m are ' +
                'above the threshold too. The objective is that 99.9% of calls do not fail over 30d. ' +
                'At 6 times the allowed rate, 5% of the error budget is gone in 6h.',
            },
          },
          {
            exp_labels: { ...labels, severity: 'ticket', long_window: '1d', short_window: '2h' },
            exp_annotations: {
              summary:
                'Calculator.ping spends its availability error budget more than 3 times as fast as its objective allows',
              description:
                '2% of calls to Calculator.ping (job calculator) failed in the last 1d. The problem continues: the last 2h are ' +
                'above the threshold too. The objective is that 99.9% of calls do not fail over 30d. ' +
                'At 3 times the allowed rate, 10% of the error budget is gone in 1d.',
            },
          },
          {
            exp_labels: { ...labels, severity: 'ticket', long_window: '3d', short_window: '6h' },
            exp_annotations: {
              summary:
                'Calculator.ping spends its availability error budget faster than its objective allows',
              description:
                '2% of calls to Calculator.ping (job calculator) failed in the last 3d. The problem continues: the last 6h are ' +
                'above the threshold too. The objective is that 99.9% of calls do not fail over 30d. ' +
                'At the allowed rate, 10% of the error budget is gone in 3d.',
            },
          },
        ],
      },
    ],
  };
  expect(await testRules(ofMethod('ping'), [ruleTest])).toEqual(PASSED);
});
