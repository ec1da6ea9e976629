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

/** So many calls a minute, for half an hour. */
const series = (name: string, labels: string, calls: number) => ({
  series: `${name}{job="both",${labels}}`,
  values: `0+${calls}x30`,
});

const OUTCOMES = { true: 8, false: 2 };

/** Of either kind: ten calls a minute, of which one fails with what the IDL declares and one with something else. */
const latencyOf = (instance: string) =>
  Object.entries(OUTCOMES).map(([success, calls]) =>
    series(
      'thrift_server_latency_seconds_count',
      `${instance},thrift_method="find",thrift_success="${success}"`,
      calls,
    ),
  );

const requestsOfBaseplate = (success: string, type: string, calls: number) =>
  series(
    'thrift_server_requests_total',
    `instance="py",thrift_method="find",thrift_success="${success}",thrift_exception_type="${type}",thrift_baseplate_status=""`,
    calls,
  );

const BASEPLATE = [
  requestsOfBaseplate('true', '', 8),
  requestsOfBaseplate('false', 'NotFound', 1),
  requestsOfBaseplate('false', 'ValueError', 1),
  ...latencyOf('instance="py"'),
];

const LOOKUP = 'instance="js",thrift_service="Lookup"';
const errorsOfOurs = (kind: string, type: string) =>
  series(
    'thrift_server_errors_total',
    `${LOOKUP},thrift_method="find",thrift_exception_kind="${kind}",thrift_exception_type="${type}"`,
    1,
  );

const OURS = [
  series('thrift_server_requests_total', `${LOOKUP},thrift_method="find"`, 10),
  errorsOfOurs('declared', 'NotFound'),
  errorsOfOurs('undeclared', 'TypeError'),
  ...latencyOf(LOOKUP),
];

const BOTH = [...BASEPLATE, ...OURS];

/** Calls a second, rounded: promtool compares all digits. */
const rounded = (query: string) => `round(60 * (${query}), 0.001)`;

function finds(expr: string, expected: Record<string, number>, input = BOTH) {
  const exp_samples = Object.entries(expected).map(([labels, value]) => ({ labels, value }));
  return {
    name: expr,
    interval: '1m',
    input_series: input,
    promql_expr_test: [{ expr, eval_time: '20m', exp_samples }],
  };
}

test('the queries for baseplate tell the same of both kinds of services, and of both together', async () => {
  const outcome = rounded(byOutcome ?? '');
  const tests = [
    finds(outcome, {
      '{thrift_method="find",thrift_success="true"}': 16,
      '{thrift_method="find",thrift_success="false"}': 4,
    }),
    ...[BASEPLATE, OURS].map((input) =>
      finds(
        outcome,
        {
          '{thrift_method="find",thrift_success="true"}': 8,
          '{thrift_method="find",thrift_success="false"}': 2,
        },
        input,
      ),
    ),
    finds(`round(${failed}, 0.001)`, { '{thrift_method="find"}': 0.2 }),
    finds(`round(${undeclared}, 0.001)`, { '{thrift_method="find"}': 0.1 }, OURS),
  ];
  expect(await testRules(groups, tests)).toEqual({
    code: 0,
    output: expect.stringContaining('SUCCESS') as string,
  });
});

test('the rules for baseplate record outcomes and types of exceptions of both, none of them twice', async () => {
  const [requests = '', errors = ''] = groups.flatMap(({ rules }) =>
    rules.map((rule) => ('record' in rule ? rule.record : '')),
  );
  const tests = [
    finds(rounded(requests), {
      '{job="both",thrift_method="find",thrift_success="true"}': 16,
      '{job="both",thrift_method="find",thrift_success="false"}': 4,
    }),
    finds(rounded(errors), {
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
