import { expect, test } from 'vitest';

import { Instrumented, Objective, ThriftService } from '../../src/index';
import { exampleRules } from '../support/example-rules';
import { historyOf } from './rules/histories';
import { checkRules, testRules, type RuleTest } from './rules/promtool';

const ODD = String.raw`a "b" {{ .c }} \d/é` + '\n{{{';

@ThriftService(ODD)
class OddHandler {
  @Instrumented
  @Objective({ availability: 0.999, latency: { target: 0.99, within: 1 } })
  ['get{{'](): void {}
}

const { groups } = exampleRules();
const named = (...names: string[]) => groups.filter(({ name }) => names.includes(name));
const PASSED = { code: 0, output: expect.stringContaining('SUCCESS') };

const LEVEL = { job: 'calculator', thrift_service: 'Calculator', thrift_method: 'ping' };

function labelText(name: string, labels: Record<string, string>): string {
  return `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`;
}

function is(name: string, value: number | null, objective?: string, labels = {}) {
  const all = {
    ...LEVEL,
    ...(objective !== undefined && { thrift_objective: objective }),
    ...labels,
  };
  return {
    expr: objective === undefined ? name : `${name}{thrift_objective="${objective}"}`,
    eval_time: '60m',
    exp_samples: value === null ? [] : [{ labels: labelText(name, all), value }],
  };
}

function ruleTest(calls: number, bad: number, expected: RuleTest['promql_expr_test']): RuleTest {
  return {
    name: `${calls} calls a minute, of which ${bad} are bad`,
    interval: '1m',
    input_series: historyOf('ping', [{ steps: 60, calls, bad }]),
    promql_expr_test: expected ?? [],
  };
}

const errors = 'job_service_method:thrift_server_failed_requests';
const objectiveErrors = 'job_service_method:thrift_objective_errors';
const budget = 'job_service_method:thrift_objective_error_budget:remaining_ratio';

test('the recorded series have the values of the history', async () => {
  const latency = 'job_service_method:thrift_server_latency_seconds';
  const tests = [
    // Of 2 calls per second, half end in a declared exception and a 64th misses the objective. Powers of two are exact.
    ruleTest(120, 1 / 64, [
      is('job_service_method:thrift_server_requests:rate5m', 2),
      is(`${errors}:rate5m`, 1 + 2 / 64),
      is(`${errors}:ratio_rate5m`, 0.5 + 1 / 64),
      // The bucket of 0.25 s has 63 of 64 calls, the bucket of 0.1 s none.
      is(`${latency}:p50_5m`, 0.1 + (0.15 * 32) / 63),
      is('job_service_method:thrift_objective_calls:rate5m', 2, 'availability'),
      is(`${objectiveErrors}:rate5m`, 2 / 64, 'availability'),
      is(`${objectiveErrors}:ratio_rate5m`, 1 / 64, 'availability'),
      is(`${objectiveErrors}:ratio_rate1h`, 1 / 64, 'availability'),
      is(`${objectiveErrors}:ratio_rate1h`, 1 / 64, 'latency'),
    ]),
    // Without errors the ratio is 0 and the budget is whole.
    ruleTest(120, 0, [
      is(`${objectiveErrors}:ratio_rate5m`, 0, 'availability'),
      is(`${objectiveErrors}:ratio_rate1h`, 0, 'latency'),
      is(budget, 1, 'availability'),
      is(budget, 1, 'latency'),
    ]),
    // Without calls there are rates but no ratios.
    ruleTest(0, 0, [
      is('job_service_method:thrift_server_requests:rate5m', 0),
      is(`${errors}:rate5m`, 0),
      is(`${errors}:ratio_rate5m`, null),
      is(`${latency}:p99_5m`, null),
      is(`${objectiveErrors}:rate5m`, 0, 'latency'),
      is(`${objectiveErrors}:ratio_rate1h`, null, 'latency'),
      is(budget, null, 'availability'),
    ]),
  ];
  const target = {
    expr: 'service_method:thrift_objective_target:info{thrift_objective="latency"}',
    eval_time: '60m',
    exp_samples: [
      {
        labels:
          'service_method:thrift_objective_target:info{thrift_service="Calculator",thrift_method="ping",' +
          'thrift_objective="latency",window="30d",within="0.25"}',
        value: 0.99,
      },
    ],
  };
  tests.push(ruleTest(1, 0, [target]));
  expect(
    await testRules(named('thrift_methods', 'thrift_objectives/Calculator/ping'), tests),
  ).toEqual(PASSED);
});

test('the remaining budget is below 0 when more than the budget is spent', async () => {
  // 1.5 % of errors is one and a half times the budget of 1 %.
  const expected = {
    expr: `abs(${budget}{thrift_objective="latency"} + 0.5) < bool 0.000001`,
    eval_time: '60m',
    exp_samples: [{ labels: labelText('', { ...LEVEL, thrift_objective: 'latency' }), value: 1 }],
  };
  expect(
    await testRules(named('thrift_objectives/Calculator/ping'), [
      ruleTest(1000, 0.015, [expected]),
    ]),
  ).toEqual(PASSED);
});

test('names with PromQL or template syntax are treated as plain names', async () => {
  expect(OddHandler.name).toBe('OddHandler');
  const odd = encodeURIComponent(ODD);
  const ofOdd = named(`thrift_objectives/${odd}/get%7B%7B`, `thrift_objectives/${odd}`);
  expect(ofOdd).toHaveLength(2);
  expect(await checkRules(ofOdd)).toEqual(PASSED);

  const level = { thrift_service: ODD, thrift_method: 'get{{' };
  const series = (name: string, labels: object, values: string) => ({
    series: labelText(name, { job: 'odd', ...level, ...labels }),
    values,
  });
  const fires: RuleTest = {
    name: 'all calls are slow, and fail',
    interval: '1m',
    input_series: [
      series('thrift_server_requests_total', {}, '0+60x60'),
      series(
        'thrift_server_failed_requests_total',
        { thrift_exception_kind: 'undeclared' },
        '0+60x60',
      ),
      series('thrift_server_latency_seconds_count', {}, '0+60x60'),
      // The bound as in OpenMetrics.
      series('thrift_server_latency_seconds_bucket', { le: '1.0' }, '0+0x60'),
    ],
    promql_expr_test: ['availability', 'latency'].map((objective) => {
      const long = 'alertstate="firing",long_window="1h"';
      const name = `Thrift${objective === 'latency' ? 'Latency' : 'Availability'}BudgetBurn`;
      const labels = {
        alertname: name,
        alertstate: 'firing',
        long_window: '1h',
        short_window: '5m',
        severity: 'page',
        job: 'odd',
        ...level,
        thrift_objective: objective,
      };
      return {
        expr: `ALERTS{alertname="${name}",${long}}`,
        eval_time: '60m',
        exp_samples: [{ labels: labelText('ALERTS', labels), value: 1 }],
      };
    }),
  };
  expect(await testRules(ofOdd, [fires])).toEqual(PASSED);
});
