import { expect, test } from 'vitest';

import { judgeHeap, medianSlope } from '../../bench/soak/checks/judge-heap';

const MIB = 2 ** 20;

/** A sample each ten seconds. */
function samples(count: number, bytesPerSecond: number) {
  return Array.from({ length: count }, (_, i) => ({
    seconds: i * 10,
    bytes: 20 * MIB + bytesPerSecond * i * 10,
  }));
}

test.each([
  ['stays', 0, true],
  ['falls', -5000, true],
  ['grows by less than the bound', 1000, true],
  ['grows by more than the bound', 1100, false],
])('memory that %s', (_, bytesPerSecond, holds) => {
  const check = judgeHeap(samples(40, bytesPerSecond));
  expect(check.holds).toBe(holds);
  expect(check.found).toBe(`${bytesPerSecond} bytes/s`);
});

test('growth in the first half is no fault', () => {
  const grown = samples(20, 100_000);
  const flat = samples(20, 0).map(({ seconds, bytes }) => ({ seconds: seconds + 200, bytes }));
  expect(judgeHeap([...grown, ...flat]).holds).toBe(true);
});

test.each([0, 1, 8])('a run of %i samples is not judged', (count) => {
  const check = judgeHeap(samples(count, 100_000));
  expect(check.holds).toBe(true);
  expect(check.found).toContain('too short to judge');
});

test('a run of 9 samples is', () => {
  expect(judgeHeap(samples(9, 100_000)).holds).toBe(false);
});

test('the slope is the median of those between any two samples', () => {
  const points = [0, 10, 20, 30, 1000].map((bytes, seconds) => ({ seconds, bytes }));
  // 10 six times, and 242.5, 330, 490 and 970.
  expect(medianSlope(points)).toBe(10);
});
