import { expect, test } from 'vitest';

import { remainingBudget } from '../../src/slo/error-budget';

test('an error budget is left as far as bad calls have not spent it, and below 0 it is overspent', () => {
  expect(remainingBudget(0, 100, 0.99)).toBe(1);
  expect(remainingBudget(1, 200, 0.99)).toBeCloseTo(0.5, 10);
  expect(remainingBudget(3, 100, 0.99)).toBeCloseTo(-2, 10);
});

test('without calls, nothing is known about a budget', () => {
  expect(remainingBudget(0, 0, 0.99)).toBeNull();
});
