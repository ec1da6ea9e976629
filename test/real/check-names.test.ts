import { describe, expect, test } from 'vitest';

import type { CheckRule } from '../../src/tools/cli/check/check-rules';
import { lintNames } from '../../src/tools/cli/check/names';
import { lintSeries } from '../../src/tools/cli/check/series';
import { parseExposition } from '../../src/tools/cli/exposition';
import { runProgram } from '../support/start-program';

/** The complaint of promtool for each rule. */
const PROMTOOL: Partial<Record<CheckRule, RegExp>> = {
  'missing-help': /no help text/,
  'counter-suffix': /should have "_total" suffix|should not have "_total" suffix/,
  'reserved-suffix': /should not have "_(?:bucket|sum|count)" suffix/,
  'reserved-label': /should not have "(?:le|quantile)" label/,
  'name-style': /should be written in 'snake_case' not 'camelCase'|should not contain ':'/,
  'type-in-name': /should not include type/,
  'base-unit': /use base unit/,
  'abbreviated-unit': /should not contain abbreviated units/,
};

const single = (name: string, type = 'gauge', labels = '') =>
  `# HELP ${name} Help.\n# TYPE ${name} ${type}\n${name}${labels} 1\n`;

describe.each<[what: string, text: string, rules: readonly CheckRule[]]>([
  ['a good gauge', single('calls_in_progress'), []],
  ['a good counter', single('calls_total', 'counter'), []],
  ['a good unit', single('call_duration_seconds'), []],
  ['no help', '# TYPE calls gauge\ncalls 1\n', ['missing-help']],
  ['a counter without a suffix', single('calls', 'counter'), ['counter-suffix']],
  ['a gauge with a counter suffix', single('calls_total'), ['counter-suffix']],
  ['a bucket suffix', single('calls_bucket'), ['reserved-suffix']],
  ['a count suffix', single('calls_count'), ['reserved-suffix']],
  ['a sum suffix', single('calls_sum'), ['reserved-suffix']],
  ['a histogram label', single('calls', 'gauge', '{le="1"}'), ['reserved-label']],
  ['a summary label', single('calls', 'gauge', '{quantile="1"}'), ['reserved-label']],
  ['camelCase', single('callsInProgress'), ['name-style']],
  ['camelCase in a label', single('calls', 'gauge', '{userName="1"}'), ['name-style']],
  ['a colon in a name', single('job:calls'), ['name-style']],
  ['a type at the end of a name', single('calls_gauge'), ['type-in-name']],
  ['a type within a name', single('calls_gauge_bytes'), ['type-in-name']],
  ['milliseconds', single('call_milliseconds'), ['base-unit']],
  ['minutes', single('call_minutes'), ['base-unit']],
  ['kilobytes', single('body_kilobytes'), ['base-unit']],
  ['bits', single('body_bits_read'), ['base-unit']],
  ['ms', single('call_ms'), ['abbreviated-unit']],
  ['kb', single('body_kb_read'), ['abbreviated-unit']],
])('%s', (_what, text, rules) => {
  test(`check and promtool agree on the findings: ${rules.join(', ') || 'none'}`, async () => {
    const found = parseExposition(text, 'text').flatMap((family) => [
      ...lintNames(family),
      ...lintSeries(family),
    ]);
    expect(found.map(({ rule }) => rule)).toEqual(rules);

    const { code, stdout, stderr } = await runProgram('promtool', ['check', 'metrics'], text);
    const complaints = (stdout + stderr).split('\n').filter(Boolean);
    expect({ code, complaints }).toEqual({
      code: rules.length === 0 ? 0 : 3,
      complaints: rules.map((rule) => expect.stringMatching(PROMTOOL[rule] ?? /^$/)),
    });
  });
});
