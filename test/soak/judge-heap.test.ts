import { expect, test } from 'vitest';

import { judgeHeap, medianSlope } from '../../bench/soak/checks/judge-heap';

const MIB = 2 ** 20;

/** One sample every ten seconds. */
function samples(count: number, bytesPerSecond: number, objectsPerSecond = 0) {
  return Array.from({ length: count }, (_, i) => ({
    seconds: i * 10,
    bytes: 20 * MIB + bytesPerSecond * i * 10,
    objects: 50_000 + objectsPerSecond * i * 10,
    handles: 4,
    delay: 11,
  }));
}

const holding = (checks: readonly { holds: boolean }[]) => checks.map(({ holds }) => holds);

test.each([
  ['stays level', 0, 0, [true, true]],
  ['falls', -5000, -20, [true, true]],
  ['grows by less than the bounds', 1000, 0.9, [true, true]],
  ['grows by more bytes than the bound', 1100, 0, [false, true]],
  ['grows by more objects than the bound', 0, 1.1, [true, false]],
])(
  'memory that %s is judged by the bounds of bytes and objects',
  (_, bytesPerSecond, objectsPerSecond, holds) => {
    const checks = judgeHeap(samples(40, bytesPerSecond, objectsPerSecond));
    expect(holding(checks)).toEqual(holds);
    expect(checks.map(({ found }) => found)).toEqual([
      `${bytesPerSecond} a second`,
      `${objectsPerSecond.toFixed(2)} a second`,
    ]);
  },
);

test('growth in the first half of a run is not a fault', () => {
  const grown = samples(20, 100_000, 100);
  const flat = samples(20, 0).map((sample) => ({ ...sample, seconds: sample.seconds + 200 }));
  expect(holding(judgeHeap([...grown, ...flat]))).toEqual([true, true]);
});

test.each([0, 1, 8])('a run of %i samples is not judged', (count) => {
  const checks = judgeHeap(samples(count, 100_000, 100));
  expect(holding(checks)).toEqual([true, true]);
  for (const { found } of checks) expect(found).toContain('too short to judge');
});

test('a run of 9 samples is judged', () => {
  expect(holding(judgeHeap(samples(9, 100_000, 100)))).toEqual([false, false]);
});

test('the slope is the median of the slopes between any two samples', () => {
  const points = [0, 10, 20, 30, 1000].map((y, x) => ({ x, y }));
  // 10 six times, and 242.5, 330, 490 and 970.
  expect(medianSlope(points)).toBe(10);
});
