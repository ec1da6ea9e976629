import { describe, expect, test } from 'vitest';

import { parseExposition } from '../../../src/tools/cli/exposition';

test('the parser reads families with type, help and samples', () => {
  const families = parseExposition(
    `# HELP a_total Calls, "quoted" \\\\ and\\nbroken.
# TYPE a_total counter
a_total{x="1",y="a\\\\b\\"c\\nd,}"} 3
a_total{} 4 1700000000000

# a comment
b NaN
b{x="2",} -Inf
b{x="3"} Nan
`,
    'text',
  );
  expect(families).toEqual([
    {
      name: 'a_total',
      type: 'counter',
      help: 'Calls, "quoted" \\ and\nbroken.',
      samples: [
        {
          name: 'a_total',
          labels: new Map([
            ['x', '1'],
            ['y', 'a\\b"c\nd,}'],
          ]),
          value: 3,
          hasTimestamp: false,
        },
        { name: 'a_total', labels: new Map(), value: 4, hasTimestamp: true },
      ],
    },
    {
      name: 'b',
      type: null,
      help: null,
      samples: [
        { name: 'b', labels: new Map(), value: NaN, hasTimestamp: false },
        { name: 'b', labels: new Map([['x', '2']]), value: -Infinity, hasTimestamp: false },
        { name: 'b', labels: new Map([['x', '3']]), value: NaN, hasTimestamp: false },
      ],
    },
  ]);
});

test('the series of a histogram or summary belong to its family', () => {
  const families = parseExposition(
    `# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="+Inf"} 2
h_sum 1.5e-3
h_count 2
# TYPE s summary
s{quantile="0.5"} 1
s_sum 1
s_count 1
h_total 1
`,
    'text',
  );
  expect(families.map(({ name, samples }) => [name, samples.length])).toEqual([
    ['h', 4],
    ['s', 3],
    ['h_total', 1],
  ]);
});

test('the parser reads OpenMetrics with exemplars, units and timestamps', () => {
  const [family, ...others] = parseExposition(
    `# TYPE a_seconds counter
# UNIT a_seconds seconds
# HELP a_seconds Time.
a_seconds_total{x="1"} 3 1700000000.5 # {trace_id="ab"} 0.5 1700000000
a_seconds_created{x="1"} 1700000000
# EOF
`,
    'openmetrics',
  );
  expect(others).toEqual([]);
  expect(family).toMatchObject({ name: 'a_seconds', type: 'counter', help: 'Time.' });
  expect(family?.samples.map(({ name, value }) => [name, value])).toEqual([
    ['a_seconds_total', 3],
    ['a_seconds_created', 1_700_000_000],
  ]);
});

describe.each([
  ['a', 'line 1: the last line must end with a line feed'],
  ['a 1\na\n', 'line 2: expected a number after the name and labels'],
  ['a 1 2 3\n', 'line 1: expected a number after the name and labels'],
  ['a 0x10\n', 'line 1: expected a number after the name and labels'],
  ['a{x="1" 1\n', "line 1: expected ',' or '}' at character 8"],
  ['a{x=1} 1\n', 'line 1: expected a label such as name="value" at character 3'],
  ['a{x="\\t"} 1\n', 'line 1: expected a label such as name="value" at character 3'],
  ['a{x="1",x="2"} 1\n', "line 1: duplicate label 'x'"],
  ['<html>\n', 'line 1: expected a metric name'],
  ['# TYPE a number\n', "line 1: unknown type 'number'"],
  ['# TYPE a gauge\n# TYPE a gauge\n', "line 2: duplicate TYPE of 'a'"],
  ['# HELP a x\n# HELP a y\n', "line 2: duplicate HELP of 'a'"],
  ['a 1\n# TYPE a gauge\n', "line 2: TYPE of 'a' must precede its samples"],
  ['# TYPE 1a gauge\n', 'line 1: expected HELP or TYPE after #, followed by a metric name'],
])('the exposition %j', (text, message) => {
  test(`a malformed exposition is rejected: ${message}`, () => {
    expect(() => parseExposition(text, 'text')).toThrow(message);
  });
});

test.each([
  ['a 1\n', "line 1: expected '# EOF' as the last line"],
  ['a 1\n\n# EOF\n', 'line 2: empty line'],
  ['# a comment\n# EOF\n', 'line 1: expected HELP or TYPE'],
  ['a 1 # {x="1"}\n# EOF\n', 'line 1: an exemplar needs labels and a number'],
])('the OpenMetrics exposition %j is rejected', (text, message) => {
  expect(() => parseExposition(text, 'openmetrics')).toThrow(message);
});
