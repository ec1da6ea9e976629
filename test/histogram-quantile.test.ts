import { describe, expect, it } from 'vitest';

import { histogramQuantile } from '../src/metrics/histogram-quantile';

// Expectations are worked out by hand from the definition of histogram_quantile in the documentation of Prometheus.
describe('histogramQuantile', () => {
  it.each([
    ['in the middle of a bucket', 0.5, [1, 2, 4], [0, 10, 0, 0], 1.5],
    ['between two buckets', 0.75, [1, 2, 4], [5, 0, 5, 0], 3],
    ['at the end of a bucket', 0.5, [1, 2, 4], [5, 5, 0, 0], 1],
    ['in the first bucket, which begins at 0', 0.25, [1, 2], [10, 0, 0], 0.25],
    ['across an empty first bucket', 0.1, [1, 2], [0, 10, 0], 1.1],
    ['above the last bound, of which it is the last bound', 0.99, [1, 2], [1, 1, 8], 2],
    ['with one bucket only', 0.5, [8], [4, 0], 4],
    ['in a first bucket whose bound is negative, which has no begin', 0.5, [-1, 1], [4, 0, 0], -1],
  ])('interpolates %s', (_name, q, bounds, counts, expected) => {
    expect(histogramQuantile(q, bounds, counts)).toBeCloseTo(expected, 12);
  });

  it('is null without observations', () => {
    expect(histogramQuantile(0.5, [1, 2], [0, 0, 0])).toBeNull();
  });
});
