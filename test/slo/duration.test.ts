import { expect, test } from 'vitest';

import { durationOf, isDuration, minutesOfDuration } from '../../src/slo/duration';

test.each([
  [5, '5m'],
  [60, '1h'],
  [90, '1h30m'],
  [1440, '1d'],
  [4320, '3d'],
  [1501, '1d1h1m'],
])('%i minutes are written as %s', (minutes, duration) => {
  expect(durationOf(minutes)).toBe(duration);
  expect(minutesOfDuration(duration)).toBe(minutes);
});

test.each(['1s', '30s', '1m30s', '500ms', '1y2w3d4h5m6s7ms'])('%s is a valid duration', (text) => {
  expect(isDuration(text)).toBe(true);
});

test.each(['', '0s', '30', '5s1m', '1.5m', '-1s', ' 1s', 30, null, ['5m']])(
  '%j is not a valid duration',
  (text) => {
    expect(isDuration(text)).toBe(false);
  },
);
