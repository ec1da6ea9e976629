import { expect, test } from 'vitest';

import { compareUrgency, isInTrouble, type Urgency } from '../../src/slo/urgency';

const WELL: Urgency = {
  budget: null,
  failedRatio: 0,
  badRatio: 0,
  failedRate: 0,
  badRate: 0,
  oldest: 0,
  hangAge: 10,
  p99: 0.001,
  latencyBound: null,
};

test('a missed objective is more urgent than failures, hung calls, a missed bound and latency', () => {
  const ordered: Urgency[] = [
    { ...WELL, budget: -3 },
    { ...WELL, budget: -0.1 },
    { ...WELL, budget: 0.5, badRate: 2, badRatio: 0.01 },
    { ...WELL, badRate: 1, badRatio: 1 },
    { ...WELL, oldest: 60 },
    { ...WELL, oldest: 10 },
    { ...WELL, p99: 2, latencyBound: 0.5 },
    { ...WELL, p99: 3, latencyBound: 1 },
    { ...WELL, p99: 5 },
    WELL,
    { ...WELL, p99: null },
  ];
  expect(ordered.toReversed().toSorted(compareUrgency)).toEqual(ordered);
});

test('failed calls decide the urgency where bad calls are unknown', () => {
  const failing = { ...WELL, badRate: null, badRatio: null, failedRate: 3, failedRatio: 0.5 };
  expect(compareUrgency(failing, { ...WELL, badRate: 2, badRatio: 1 })).toBeLessThan(0);
  expect(isInTrouble(failing)).toBe(true);
});

test('a method needs attention that misses its objective, fails or hangs, but not one that only refuses', () => {
  expect(isInTrouble({ ...WELL, budget: -0.01 })).toBe(true);
  expect(isInTrouble({ ...WELL, badRatio: 0.01 })).toBe(true);
  expect(isInTrouble({ ...WELL, oldest: 10 })).toBe(true);
  expect(isInTrouble({ ...WELL, budget: 0, oldest: 9.9, failedRatio: 0.5 })).toBe(false);
});
