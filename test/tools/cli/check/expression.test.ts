import { expect, test } from 'vitest';

import { createGrafanaDashboard } from '../../../../src/dashboards';
import {
  baseName,
  exactMatchersOf,
  secondsOf,
  selectorsIn,
  substitute,
} from '../../../../src/tools/cli/check/prometheus/expression';
import { exampleRules } from '../../../support/example-rules';

test.each([
  ['up', ['up']],
  ['sum by (job, le) (rate(a_bucket{x="1"}[5m] offset 1d)) > 14.4', ['a_bucket{x="1"}']],
  ['absent(a{s="b}c"}) and on (job) b or c', ['a{s="b}c"}', 'b', 'c']],
  [
    'a:b:rate5m{m="say \\"d\\""} unless ignoring (x) group_left c',
    ['a:b:rate5m{m="say \\"d\\""}', 'c'],
  ],
  ['topk(20, a{x=~"b|c"}) / on () group_left () count(a{x=~"b|c"})', ['a{x=~"b|c"}']],
  ['histogram_quantile(0.99, a[1h30m]) + vector(1) * Inf', ['a']],
])('the series that %s reads are found', (expression, selectors) => {
  expect(selectorsIn(expression).map(({ text }) => text)).toEqual(selectors);
});

test('every generated rule and panel reads metrics, and nothing that is not a metric', () => {
  const rules = exampleRules().groups.flatMap((group) => group.rules.map(({ expr }) => expr));
  const panels = createGrafanaDashboard().panels.flatMap((panel) =>
    panel.type === 'row'
      ? panel.panels.flatMap(({ targets }) => targets)
      : 'targets' in panel
        ? panel.targets
        : [],
  );
  const variables = { top: '20', __rate_interval: '1m', __range: '1h' };
  const expressions = [...rules, ...panels.map(({ expr }) => substitute(expr, variables))];

  const read = expressions.map((each) => selectorsIn(each).map(({ name }) => name));

  // Only the recorded targets are constants.
  const constant = expressions.filter((_, i) => read[i]?.length === 0);
  expect(constant.filter((each) => !/^vector\([\d.]+\)$/.test(each))).toEqual([]);
  const metric = /^(?:thrift_|process_|nodejs_|job_service_method:|up$)/;
  expect(read.flat().filter((name) => !metric.test(name))).toEqual([]);
});

test.each([
  ['a_bucket', 'a'],
  ['a_sum', 'a'],
  ['a_count', 'a'],
  ['a_counted_total', 'a_counted_total'],
])('the base name of %s is %s', (name, base) => {
  expect(baseName(name)).toBe(base);
});

test('only labels that are compared by = have an exact value', () => {
  expect(exactMatchersOf('a{b="1",c!="2",d=~"3",e!~"4",f="say \\"5\\""}')).toEqual({
    b: '1',
    f: 'say "5"',
  });
});

test('variables of Grafana are replaced, and unknown ones stay', () => {
  expect(substitute('a{b=~"$b"}[${r}] $other', { b: '.*', r: '5m' })).toBe('a{b=~".*"}[5m] $other');
});

test.each([
  ['1m30s', 90],
  ['500ms', 0.5],
  ['', null],
  ['soon', null],
])('the duration %j has %j seconds', (duration, seconds) => {
  expect(secondsOf(duration)).toBe(seconds);
});
