import { expect, test } from 'vitest';

import { LabelNames } from '../../src/metrics/label-names';
import { spellLabels } from '../../src/tools/label-spelling';

const NAMES = new LabelNames({ thrift_service: 'service', thrift_method: 'method' });

test.each([
  ['sum by (job, thrift_service) (x_total)', 'sum by (job, service) (x_total)'],
  ['x{thrift_service="thrift_method"}', 'x{service="thrift_method"}'],
  ['x{thrift_service=~"a|thrift_service"}', 'x{service=~"a|thrift_service"}'],
  ['x{thrift_service!="thrift_service"}', 'x{service!="thrift_service"}'],
  [
    'label_join(x, "id", "-", "thrift_service", "thrift_method")',
    'label_join(x, "id", "-", "service", "method")',
  ],
  ['label_values(x, thrift_method)', 'label_values(x, method)'],
  ['{{thrift_service}}.{{thrift_method}}', '{{service}}.{{method}}'],
  ['{{ $labels.thrift_service }} is slow', '{{ $labels.service }} is slow'],
  [
    'thrift_service_total{my_thrift_service="a\\"thrift_service"}',
    'thrift_service_total{my_thrift_service="a\\"thrift_service"}',
  ],
])('the text %s becomes %s with configured names of labels', (before, after) => {
  expect(spellLabels({ expr: before, thrift_method: [before] }, NAMES)).toEqual({
    expr: after,
    method: [after],
  });
});
