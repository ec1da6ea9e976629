import { expect, test } from 'vitest';
import { parse } from 'yaml';

import type { PrometheusRuleGroup } from '../../src/dashboards';
import { blocksOf } from '../docs/markdown';
import { testRules } from './rules/promtool';

const PAGE = 'docs/how-to/from-baseplate.md';

const blocks = blocksOf(PAGE);
const { groups } = parse(blocks.find(({ title }) => title?.endsWith('.rules.yml'))?.code ?? '') as {
  groups: PrometheusRuleGroup[];
};
const [byOutcome, failed, undeclared] = blocks
  .filter(({ language }) => language === 'promql')
  .map(({ code }) => code.trim());

/** A counter of `calls` per minute, for half an hour. */
const series = (name: string, labels: string, calls: number) => ({
  series: `${name}{job="both",${labels}}`,
  values: `0+${calls}x30`,
});

const OUTCOMES = { true: 8, false: 2 };

/** For both kinds: ten calls per minute, of which one fails with a declared exception and one with another error. */
const latencyOf = (instance: string) =>
  Object.entries(OUTCOMES).map(([success, calls]) =>
    series(
      'thrift_server_latency_seconds_count',
      `${instance},thrift_method="find",thrift_success="${success}"`,
      calls,
    ),
  );

const baseplateRequests = (success: string, type: string, calls: number) =>
  series(
    'thrift_server_requests_total',
    `instance="py",thrift_method="find",thrift_success="${success}",thrift_exception_type="${type}",thrift_baseplate_status=""`,
    calls,
  );

const BASEPLATE = [
  baseplateRequests('true', '', 8),
  baseplateRequests('false', 'NotFound', 1),
  baseplateRequests('false', 'ValueError', 1),
  ...latencyOf('instance="py"'),
];

const LOOKUP = 'instance="js",thrift_service="Lookup"';
const ourErrors = (kind: string, type: string) =>
  series(
    'thrift_server_errors_total',
    `${LOOKUP},thrift_method="find",thrift_exception_kind="${kind}",thrift_exception_type="${type}"`,
    1,
  );

const OURS = [
  series('thrift_server_requests_total', `${LOOKUP},thrift_method="find"`, 10),
  ourErrors('declared', 'NotFound'),
  ourErrors('undeclared', 'TypeError'),
  ...latencyOf(LOOKUP),
];

const BOTH = [...BASEPLATE, ...OURS];

/** Calls per minute, rounded, because promtool compares all digits. */
const rounded = (query: string) => `round(60 * (${query}), 0.001)`;

function queryTest(expr: string, expected: Record<string, number>, input = BOTH) {
  const exp_samples = Object.entries(expected).map(([labels, value]) => ({ labels, value }));
  return {
    name: expr,
    interval: '1m',
    input_series: input,
    promql_expr_test: [{ expr, eval_time: '20m', exp_samples }],
  };
}

test('the queries for baseplate have the same results for each kind of service and add up for both', async () => {
  const outcome = rounded(byOutcome ?? '');
  const tests = [
    queryTest(outcome, {
      '{thrift_method="find",thrift_success="true"}': 16,
      '{thrift_method="find",thrift_success="false"}': 4,
    }),
    ...[BASEPLATE, OURS].map((input) =>
      queryTest(
        outcome,
        {
          '{thrift_method="find",thrift_success="true"}': 8,
          '{thrift_method="find",thrift_success="false"}': 2,
        },
        input,
      ),
    ),
    queryTest(`round(${failed}, 0.001)`, { '{thrift_method="find"}': 0.2 }),
    queryTest(`round(${undeclared}, 0.001)`, { '{thrift_method="find"}': 0.1 }, OURS),
  ];
  expect(await testRules(groups, tests)).toEqual({
    code: 0,
    output: expect.stringContaining('SUCCESS') as string,
  });
});

test('the rules for baseplate record outcomes and exception types of both kinds of services once', async () => {
  const [requests = '', errors = ''] = groups.flatMap(({ rules }) =>
    rules.map((rule) => ('record' in rule ? rule.record : '')),
  );
  const tests = [
    queryTest(rounded(requests), {
      '{job="both",thrift_method="find",thrift_success="true"}': 16,
      '{job="both",thrift_method="find",thrift_success="false"}': 4,
    }),
    queryTest(rounded(errors), {
      '{job="both",thrift_method="find",thrift_exception_type="NotFound"}': 2,
      '{job="both",thrift_method="find",thrift_exception_type="ValueError"}': 1,
      '{job="both",thrift_method="find",thrift_exception_type="TypeError"}': 1,
    }),
  ];
  expect(await testRules(groups, tests)).toEqual({
    code: 0,
    output: expect.stringContaining('SUCCESS') as string,
  });
});
