import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { SummaryCell } from '../../src/metrics/summary-cell';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

beforeEach(() => void vi.useFakeTimers({ toFake: ['hrtime'] }));
afterEach(() => void vi.useRealTimers());

test('the window of a summary moves with the monotonic clock', () => {
  const cell = new SummaryCell([1]);
  cell.observe(8);
  vi.advanceTimersByTime(479_000);
  expect(cell.values().map(Math.round)).toEqual([8]);
  vi.advanceTimersByTime(130_000);
  expect(cell.values()).toEqual([NaN]);
  expect(cell.count).toBe(1);
});
