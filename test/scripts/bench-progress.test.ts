import { expect, test, vi } from 'vitest';

import { formatTime, Progress } from '../../bench/progress.mjs';

test('each step of a benchmark is announced with its number, and the time left follows earlier steps', async () => {
  const lines = vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.useFakeTimers({ toFake: ['performance'] });
  const progress = new Progress([10, 20]);
  const first = await progress.step('first', 10, () => {
    vi.advanceTimersByTime(30_000);
    return 'found';
  });
  await progress.step('second', 20, () => {});
  vi.useRealTimers();

  expect(first).toEqual({ result: 'found', seconds: 30 });
  expect(lines.mock.calls.flat()).toEqual([
    '[1/2] first: 0 s elapsed, about 30 s left',
    // The first step took three times as long as expected.
    '[2/2] second: 30 s elapsed, about 1 min 0 s left',
  ]);
});

test('a time is written in seconds, or in minutes and seconds', () => {
  expect([0.4, 59.4, 59.6, 200].map(formatTime)).toEqual([
    '0 s',
    '59 s',
    '1 min 0 s',
    '3 min 20 s',
  ]);
});
