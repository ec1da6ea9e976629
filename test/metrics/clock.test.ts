import { expect, test, vi } from 'vitest';

import {
  cellTime,
  cellTimeOf,
  delay,
  inSeconds,
  isUntimed,
  milliseconds,
  secondsBetween,
  unixTimeOf,
  UNTIMED,
} from '../../src/metrics/clock';

test('the seconds between two times count seconds and nanoseconds', () => {
  expect(secondsBetween([1, 900_000_000], [3, 100_000_000])).toBeCloseTo(1.2, 9);
  expect(secondsBetween([1, 100_000_000], [3, 900_000_000])).toBeCloseTo(2.8, 9);
});

test('a time of the monotonic clock is a number of seconds', () => {
  expect(inSeconds([3, 250_000_000])).toBe(3.25);
});

test('only the start time of a call that is not timed is untimed', () => {
  expect(isUntimed(UNTIMED)).toBe(true);
  expect([isUntimed([0, 1]), isUntimed([1, 0]), isUntimed([1, 1])]).toEqual([false, false, false]);
});

test('the time of a cell becomes seconds since 1970 with milliseconds, and back', () => {
  const time = cellTime();
  expect(Math.abs(time - milliseconds())).toBeLessThan(1_000);
  expect(unixTimeOf(time)).toBeCloseTo((performance.timeOrigin + time) / 1000, 2);
  for (const each of [time, 1, -5_000]) expect(cellTimeOf(unixTimeOf(each))).toBe(each);
});

test('a delay ends', async () => {
  await expect(delay(1)).resolves.toBeUndefined();
});

test('fake timers that are installed before the import do not stop the clock', async () => {
  vi.useFakeTimers({ toFake: ['hrtime', 'setTimeout', 'Date', 'queueMicrotask'] });
  try {
    expect(process.hrtime()).toEqual([0, 0]);
    vi.resetModules();
    const clock =
      await vi.importActual<typeof import('../../src/metrics/clock')>('../../src/metrics/clock');
    expect(clock.now()).not.toEqual([0, 0]);
    await expect(clock.delay(1)).resolves.toBeUndefined();
    vi.setSystemTime(0);
    expect(clock.wallClock()).toBeGreaterThan(1_000_000_000_000);
  } finally {
    vi.useRealTimers();
  }
});
