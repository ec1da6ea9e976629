import { describe, expect, test } from 'vitest';

import { MIN_RESOLUTION, NativeBuckets, ZERO_THRESHOLD } from '../../src/metrics/native-buckets';

function filled(schema: number, maxBuckets: number, values: readonly number[]): NativeBuckets {
  const buckets = new NativeBuckets(schema, maxBuckets);
  for (const value of values) buckets.add(value);
  return buckets;
}

// `+ 0` makes 0 of -0, which halving an odd number below 0 leaves.
const shown = ({ schema, first, counts }: NativeBuckets) => ({ schema, first: first + 0, counts });

test('at resolution 0, each bucket ends at a power of two', () => {
  expect(shown(filled(0, 160, [1, 2, 3, 4, 0.5]))).toEqual({
    schema: 0,
    first: -1,
    counts: [1, 1, 1, 2],
  });
});

test('at resolution 1, a power of two has two buckets', () => {
  expect(shown(filled(1, 160, [1, 1.4, 1.5, 2, 2]))).toEqual({
    schema: 1,
    first: 0,
    counts: [1, 1, 3],
  });
});

test('values that are too small have no bucket, and NaN is not even one of them', () => {
  const buckets = filled(0, 160, [0, -1, ZERO_THRESHOLD, NaN, -Infinity]);
  expect([buckets.zeros, buckets.counts]).toEqual([4, []]);
  buckets.add(2 * ZERO_THRESHOLD);
  expect([buckets.zeros, buckets.first, buckets.counts]).toEqual([4, -127, [1]]);
});

test('infinity is in the bucket after the largest number', () => {
  expect(shown(filled(0, 160, [Infinity]))).toEqual({ schema: 0, first: 1025, counts: [1] });
  expect(shown(filled(2, 160, [Infinity]))).toEqual({ schema: 2, first: 4097, counts: [1] });
  expect(shown(filled(0, 160, [Infinity, Infinity, Number.MAX_VALUE]))).toEqual({
    schema: 0,
    first: 1024,
    counts: [1, 2],
  });
});

test('a value below all others gets a bucket in front of them', () => {
  expect(shown(filled(0, 160, [4, 0.25, 0.25, 4]))).toEqual({
    schema: 0,
    first: -2,
    counts: [2, 0, 0, 0, 2],
  });
});

describe('with a maximum', () => {
  test('many values in few buckets keep their resolution', () => {
    const values = [1, 2, 1, 2, 1, 2, 0];
    expect(shown(filled(0, 2, values))).toEqual({ schema: 0, first: 0, counts: [3, 3] });
  });

  test('one bucket too many combines neighbors, also those with odd numbers and below 0', () => {
    expect(shown(filled(1, 2, [1, 1.4, 2]))).toEqual({ schema: 0, first: 0, counts: [1, 2] });
    expect(shown(filled(0, 2, [0.5, 1, 2, 4]))).toEqual({ schema: -1, first: 0, counts: [2, 2] });
    expect(shown(filled(0, 2, [0.125, 0.25, 0.5]))).toEqual({
      schema: -1,
      first: -1,
      counts: [2, 1],
    });
  });

  test('buckets are combined again when there are too many once more', () => {
    const buckets = filled(1, 2, [1, 1.4, 2]);
    buckets.add(4);
    expect(shown(buckets)).toEqual({ schema: -1, first: 0, counts: [1, 3] });
    buckets.add(3);
    expect(shown(buckets)).toEqual({ schema: -1, first: 0, counts: [1, 4] });
    buckets.add(16);
    expect(shown(buckets)).toEqual({ schema: -2, first: 0, counts: [1, 5] });
  });

  test('a bucket that is empty between two others counts once it is filled', () => {
    const buckets = filled(0, 2, [1, 4]);
    expect(shown(buckets)).toEqual({ schema: 0, first: 0, counts: [1, 0, 1] });
    buckets.add(2);
    expect(shown(buckets)).toEqual({ schema: -1, first: 0, counts: [1, 2] });
  });

  test('an outlier combines buckets until at most 16 entries for each allowed bucket remain', () => {
    expect(shown(filled(0, 2, [1, 2 ** 31]))).toMatchObject({ schema: 0, counts: { length: 32 } });
    expect(shown(filled(0, 2, [1, 2 ** 32]))).toMatchObject({ schema: -1, counts: { length: 17 } });
    expect(shown(filled(0, 2, [2 ** 32, 1]))).toMatchObject({ schema: -1, counts: { length: 17 } });
    expect(shown(filled(0, 2, [1, 2 ** -32]))).toMatchObject({ schema: -1, first: -16 });
  });

  test('the coarsest resolution has as many buckets as it needs', () => {
    const { schema, counts } = filled(0, 1, [1, 2 ** 20, 2 ** 40, 2 ** 1000]);
    expect(schema).toBe(MIN_RESOLUTION);
    expect(counts.filter((count) => count > 0)).toEqual([1, 1, 1, 1]);
    expect(counts.length).toBe(64);
  });
});

describe('merged buckets', () => {
  test('merged buckets have the sums of both at the same resolution', () => {
    const buckets = filled(0, 160, [0, 2, 4]);
    buckets.merge(filled(0, 160, [0, 0.5, 2, 2, 16]));
    expect(buckets.zeros).toBe(2);
    expect(shown(buckets)).toEqual({ schema: 0, first: -1, counts: [1, 0, 3, 1, 0, 1] });
  });

  test('merged buckets have the coarser of both resolutions', () => {
    const fine = filled(2, 160, [1, 2, 4]);
    fine.merge(filled(0, 160, [2, 8]));
    expect(shown(fine)).toEqual({ schema: 0, first: 0, counts: [1, 2, 1, 1] });
    const coarse = filled(0, 160, [2, 8]);
    coarse.merge(filled(2, 160, [1, 1.1, 2, 3.9]));
    expect(shown(coarse)).toEqual({ schema: 0, first: 0, counts: [1, 3, 1, 1] });
  });

  test('merged buckets stay within the maximum', () => {
    const buckets = filled(0, 2, [1, 2]);
    buckets.merge(filled(0, 160, [1, 4, 8]));
    expect(shown(buckets)).toEqual({ schema: -2, first: 0, counts: [2, 3] });
  });

  test('merged buckets are those of the other part if there were none', () => {
    const buckets = new NativeBuckets(3, 160);
    buckets.merge(filled(0, 160, [4, 16]));
    expect(shown(buckets)).toEqual({ schema: 0, first: 2, counts: [1, 0, 1] });
  });
});

test('a reset brings back the resolution, and starts again with no buckets', () => {
  const buckets = filled(1, 2, [0, 1, 1.4, 2, 4, 100]);
  buckets.reset();
  expect([shown(buckets), buckets.zeros]).toEqual([{ schema: 1, first: 0, counts: [] }, 0]);
  for (const value of [1, 1.4]) buckets.add(value);
  expect(shown(buckets)).toEqual({ schema: 1, first: 0, counts: [1, 1] });
  buckets.add(2);
  expect(shown(buckets)).toEqual({ schema: 0, first: 0, counts: [1, 2] });
});
