import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { TimeBudget } from '../../src/runtime/time-budget';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('the total of a time budget leaves out the time in which other work held the event loop', async () => {
  const budget = new TimeBudget();
  vi.advanceTimersByTime(3);
  expect(budget.total()).toBe(3);
  setImmediate(() => vi.advanceTimersByTime(5000));
  await budget.yield();
  expect(budget.total()).toBe(3);
  expect(budget.isSpent()).toBe(false);
  vi.advanceTimersByTime(4);
  expect(budget.isSpent()).toBe(true);
  expect(budget.total()).toBe(7);
});
