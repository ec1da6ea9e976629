import { expect, test } from 'vitest';

import {
  formatBytes,
  formatDuration,
  formatPercentile,
  formatRate,
  formatSeconds,
  formatPercentage,
} from '../../../../src/tools/page/browser/format';

test.each([
  [0, '0 s'],
  [0.000_000_4, '0.4 µs'],
  [0.000_25, '250 µs'],
  [0.000_999_9, '1 ms'],
  [0.012_345, '12.3 ms'],
  [0.999_9, '1 s'],
  [2.5, '2.5 s'],
  [123.4, '123 s'],
  [null, '–'],
])('%s seconds are formatted as %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test.each([
  [0, '0/s'],
  [1234.5, '1230/s'],
  [0.033_33, '0.0333/s'],
])('a rate of %s is formatted as %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test('a fraction is formatted as a percentage', () => {
  expect([0, 0.5, 0.001_234, -1.5].map(formatPercentage)).toEqual([
    '0 %',
    '50 %',
    '0.123 %',
    '-150 %',
  ]);
});

test('a percentile at the last bucket bound is formatted as a lower bound', () => {
  expect([formatPercentile(10, 10), formatPercentile(5, 10), formatPercentile(5, null)]).toEqual([
    '≥ 10 s',
    '5 s',
    '5 s',
  ]);
});

test('bytes and durations are formatted in a suitable unit', () => {
  expect([formatBytes(5 * 2 ** 20), formatBytes(3 * 2 ** 29)]).toEqual(['5 MiB', '1.5 GiB']);
  expect([12.4, 125, 725, 3 * 3600 + 300, 100_000].map(formatDuration)).toEqual([
    '12 s',
    '2 min 5 s',
    '12 min',
    '3 h 5 min',
    '1 d 3 h',
  ]);
});
