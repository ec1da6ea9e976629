import { expect, it } from 'vitest';

import { HeldOrder } from '../../../../src/tools/page/browser/held-order';
import { sortBy } from '../../../../src/tools/page/browser/sort';
import { rowOf } from './row-of';

const BY_RATE = sortBy('rate');

/** Rows a, b, c… with these rates. */
function rowsOf(...rates: number[]) {
  return rates.map((rate, i) => rowOf(String.fromCodePoint(97 + i), { rate }));
}

/** Arranges at a number of seconds, and returns the names in order and how many belong elsewhere. */
function arrange(
  order: HeldOrder,
  seconds: number,
  rates: number[],
  { isInUse = false, choice = '', sort = BY_RATE } = {},
): string {
  const { rows, moved } = order.arrange(rowsOf(...rates), sort, choice, seconds * 1000, isInUse);
  return `${rows.map(({ method }) => method).join('')} ${moved}`;
}

it('rows keep their order for fifteen seconds, and then move', () => {
  const order = new HeldOrder();
  expect(arrange(order, 0, [3, 2, 1])).toBe('abc 0');
  expect(arrange(order, 14, [1, 2, 3])).toBe('abc 2');
  expect(arrange(order, 15, [1, 2, 3])).toBe('cba 0');
  expect(arrange(order, 29, [3, 2, 1])).toBe('cba 2');
});

it('rows keep their order as long as they are in use', () => {
  const order = new HeldOrder();
  arrange(order, 0, [3, 2, 1]);
  expect(arrange(order, 500, [1, 2, 3], { isInUse: true })).toBe('abc 2');
  expect(arrange(order, 502, [1, 2, 3])).toBe('cba 0');
});

it('rows move at once when the user asks, or chooses another sort', () => {
  const order = new HeldOrder();
  arrange(order, 0, [3, 2, 1]);
  expect(arrange(order, 2, [1, 2, 3], { isInUse: true, choice: 'again' })).toBe('cba 0');
  expect(arrange(order, 4, [1, 2, 3], { isInUse: true, sort: sortBy('method') })).toBe('abc 0');
});

it('methods that are new come last until the next order, and methods that are gone leave no trace', () => {
  const order = new HeldOrder();
  arrange(order, 0, [3, 2]);
  expect(arrange(order, 2, [3, 2, 9])).toBe('abc 3');
  expect(arrange(order, 4, [3])).toBe('a 0');
});
