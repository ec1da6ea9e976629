import { expect, test } from 'vitest';

import { subtract, type HistogramSnapshot } from '../../src/signals/histogram-snapshot';

const snapshot = (bounds: readonly number[], counts: readonly number[]): HistogramSnapshot => ({
  bounds,
  counts,
  sum: 1,
  native: null,
});

test('a part with finer buckets is subtracted from the buckets of the whole', () => {
  const whole = snapshot([1, 10], [5, 4, 3]);
  const part = snapshot([0.5, 1, 5, 10, 20], [1, 2, 1, 1, 1, 1]);

  expect(subtract(whole, part).counts).toEqual([2, 2, 1]);
});

test('without observations the sum is 0, whatever rounding has left', () => {
  const whole = { ...snapshot([1], [2, 0]), sum: 0.30000000000000004 };
  const part = { ...snapshot([1], [2, 0]), sum: 0.3 };

  expect(subtract(whole, part)).toEqual({ bounds: [1], counts: [0, 0], sum: 0, native: null });
});
