import { describe, expect, it } from 'vitest';

import { histogramQuantile } from '../../src/metrics/histogram-quantile';

// Expectations are computed by hand from the definition of histogram_quantile in the Prometheus documentation.
describe('histogramQuantile', () => {
  it.each([
    ['in the middle of a bucket', 0.5, [1, 2, 4], [0, 10, 0, 0], 1.5],
    ['between two buckets', 0.75, [1, 2, 4], [5, 0, 5, 0], 3],
    ['at the end of a bucket', 0.5, [1, 2, 4], [5, 5, 0, 0], 1],
    ['at the end of a bucket before an empty one', 0.5, [1, 2, 4], [5, 0, 5, 0], 1],
    ['between two negative bounds', 0.75, [-2, -1], [5, 5, 0], -1.5],
    ['in the first bucket, which starts at 0', 0.25, [1, 2], [10, 0, 0], 0.25],
    ['across an empty first bucket', 0.1, [1, 2], [0, 10, 0], 1.1],
    ['above the last bound, to the last bound', 0.99, [1, 2], [1, 1, 8], 2],
    ['in a single bucket', 0.5, [8], [4, 0], 4],
    [
      'in a first bucket with a negative bound, which has no lower bound',
      0.5,
      [-1, 1],
      [4, 0, 0],
      -1,
    ],
  ])('histogramQuantile interpolates %s', (_name, q, bounds, counts, expected) => {
    expect(histogramQuantile(q, bounds, counts)).toBeCloseTo(expected, 12);
  });

  it('histogramQuantile is null without observations', () => {
    expect(histogramQuantile(0.5, [1, 2], [0, 0, 0])).toBeNull();
  });
});
