import { beforeEach, expect, test, vi } from 'vitest';

import { LongestBlockCell, LoopTimeCell } from '../../src/metrics/loop-cells';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

let seconds = 0;
vi.spyOn(process, 'hrtime').mockImplementation((() => [seconds, 0]) as never);

beforeEach(() => {
  seconds = 1_000_003;
});

test('the time of a method is shown in seconds, and a billion small parts add up exactly', () => {
  const cell = new LoopTimeCell();
  expect([cell.read(), cell.isZero()]).toEqual([0, true]);
  cell.nanoseconds += 1e9 * 100;
  for (let i = 0; i < 1000; i++) cell.nanoseconds += 1;
  expect([cell.read(), cell.isZero()]).toEqual([100.000001, false]);
});

test('a reset sets the time of a method to 0 and starts it again', () => {
  const cell = new LoopTimeCell();
  cell.nanoseconds = 5;
  const { startedAt } = cell;
  cell.reset();
  expect(cell.read()).toBe(0);
  expect(cell.startedAt).toBeGreaterThan(startedAt);
});

test('the longest block is the greatest of all that were noted, and 0 before the first', () => {
  const cell = new LongestBlockCell();
  expect([cell.read(), cell.isZero()]).toEqual([0, true]);
  for (const milliseconds of [3, 20, 4]) cell.note(milliseconds * 1e6, seconds);
  expect([cell.read(), cell.isZero()]).toEqual([0.02, false]);
});

test('the longest block is shown for at least 60 and at most 75 seconds, at whatever second it was', () => {
  for (let offset = 0; offset < 15; offset++) {
    const cell = new LongestBlockCell();
    const at = 1_000_000 + offset;
    cell.note(2e9, at);
    for (const later of [0, 30, 59, 60]) {
      seconds = at + later;
      expect(cell.read(), `${later} s after second ${at}`).toBe(2);
    }
    seconds = at + 75;
    expect(cell.read(), `75 s after second ${at}`).toBe(0);
  }
});

test('shorter blocks that follow remain when the longest is forgotten', () => {
  const cell = new LongestBlockCell();
  cell.note(9e9, seconds);
  for (const [later, milliseconds] of [
    [20, 300],
    [40, 500],
    [50, 100],
  ] as const) {
    cell.note(milliseconds * 1e6, seconds + later);
  }
  const begin = seconds;
  const seen = [50, 80, 100, 140].map((later) => {
    seconds = begin + later;
    return cell.read();
  });
  expect(seen).toEqual([9, 0.5, 0.5, 0]);
});

test('readers see the same longest block, however many there are', () => {
  const cell = new LongestBlockCell();
  cell.note(1e9, seconds);
  expect([cell.read(), cell.read(), cell.read()]).toEqual([1, 1, 1]);
});

test('a reset forgets the longest block, and the next one counts', () => {
  const cell = new LongestBlockCell();
  cell.note(9e9, seconds);
  cell.reset();
  expect(cell.read()).toBe(0);
  cell.note(1e9, seconds);
  expect(cell.read()).toBe(1);
});
