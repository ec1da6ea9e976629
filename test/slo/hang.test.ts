import { expect, test } from 'vitest';

import { watchedHangAge } from '../../src/slo/hang';

test('a call hangs after 20 times its latency bound, or else the usual p99, but not before 2 seconds', () => {
  expect(watchedHangAge({ latencyBound: 0.5, p99: 9, highestBound: 10 })).toBe(10);
  expect(watchedHangAge({ latencyBound: null, p99: 0.25, highestBound: 10 })).toBe(5);
  expect(watchedHangAge({ latencyBound: null, p99: 0.001, highestBound: 10 })).toBe(2);
});

test('a call of a method without settled calls hangs after the last bound, or after a minute', () => {
  expect(watchedHangAge({ latencyBound: null, p99: null, highestBound: 10 })).toBe(10);
  expect(watchedHangAge({ latencyBound: null, p99: null, highestBound: null })).toBe(60);
});
