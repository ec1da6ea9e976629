import { expect, test } from 'vitest';

import { judgeProcess } from '../../bench/soak/checks/judge-process';

/** One sample every ten seconds. */
function samples(count: number, handlesPerSample: number, delayPerSample: number) {
  return Array.from({ length: count }, (_, i) => ({
    seconds: i * 10,
    bytes: 0,
    objects: 0,
    handles: 4 + handlesPerSample * i,
    delay: 11 + delayPerSample * i,
  }));
}

test.each([
  ['stay level', 0, 0, [true, true]],
  ['fall', -1, -1, [true, true]],
  ['grow by a handle in each sample', 1, 0, [false, true]],
  ['grow by 0.2 ms in each sample', 0, 0.2, [true, false]],
])(
  'open handles and delays of the event loop that %s over half an hour are judged by their bounds',
  (_, handles, delay, holds) => {
    const checks = judgeProcess(samples(180, handles, delay));
    expect(checks.map((check) => check.holds)).toEqual(holds);
  },
);

test('of a run of three minutes, handles are judged, and delays are only reported', () => {
  expect(judgeProcess(samples(18, 1, 5)).map(({ found, holds }) => [found, holds])).toEqual([
    ['0.100 a second', false],
    ['0.500 a second: too short to judge', true],
  ]);
});

test('one sample decides nothing', () => {
  expect(judgeProcess(samples(1, 1, 1)).every(({ holds }) => holds)).toBe(true);
});
