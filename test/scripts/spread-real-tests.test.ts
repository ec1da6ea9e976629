import { expect, test } from 'vitest';

import { spread } from '../../scripts/spread-real-tests.mjs';

test('one test of real programs follows every two others, until one kind ends', () => {
  const others = [1, 2, 3, 4, 5, 6, 7];
  expect(spread(['a', 'b'], others)).toEqual([1, 2, 'a', 3, 4, 'b', 5, 6, 7]);
  expect(spread(['a', 'b', 'c'], [1, 2, 3])).toEqual([1, 2, 'a', 3, 'b', 'c']);
  expect(spread(['a', 'b'], [])).toEqual(['a', 'b']);
  expect(spread([], [1, 2, 3])).toEqual([1, 2, 3]);
});
