import { expect, test } from 'vitest';

import { quantileOfBuckets } from '../../../../src/tools/cli/top/method-rows';

const buckets = new Map([
  [0.1, 50],
  [0.5, 90],
  [1, 90],
  [Infinity, 100],
]);

// Computed by hand: rank = quantile * 100, then linear interpolation between the bounds of its bucket.
test.each([
  [0.25, 0.05],
  [0.5, 0.1],
  [0.7, 0.3],
  [0.9, 0.5],
  [0.95, 1],
  [1, 1],
])('the quantile %d is interpolated within its bucket', (quantile, expected) => {
  expect(quantileOfBuckets(quantile, buckets)).toBeCloseTo(expected, 10);
});

test('the quantile is null without observations or without finite bounds', () => {
  expect(
    quantileOfBuckets(
      0.5,
      new Map([
        [0.1, 0],
        [Infinity, 0],
      ]),
    ),
  ).toBeNull();
  expect(quantileOfBuckets(0.5, new Map([[Infinity, 5]]))).toBeNull();
  expect(quantileOfBuckets(0.5, new Map())).toBeNull();
});
