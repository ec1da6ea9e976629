import { expect, test } from 'vitest';

import { remainingBudget } from '../../src/slo/error-budget';

test('the remaining budget is the fraction that bad calls have not spent, and below 0 if they have spent more', () => {
  expect(remainingBudget(0, 100, 0.99)).toBe(1);
  expect(remainingBudget(1, 200, 0.99)).toBeCloseTo(0.5, 10);
  expect(remainingBudget(3, 100, 0.99)).toBeCloseTo(-2, 10);
});

test('the remaining budget is unknown without calls', () => {
  expect(remainingBudget(0, 0, 0.99)).toBeNull();
});
