import { expect, test } from 'vitest';

import {
  formatAge,
  formatBudget,
  formatBytes,
  formatDuration,
  formatPercentile,
  formatRate,
  formatSeconds,
  formatPercentage,
  withNoun,
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
  [0.9999, '1/s'],
  [0.045, '2.7/min'],
  [1 / 60, '1/min'],
  [0.001, '3.6/h'],
])('a rate of %s is formatted as %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test('a number has the plural of its noun unless it is 1', () => {
  expect([0, 1, 2].map((count) => withNoun(count, 'method'))).toEqual([
    '0 methods',
    '1 method',
    '2 methods',
  ]);
});

test('a fraction is formatted as a percentage', () => {
  expect([0, 0.5, 0.001_234, -1.5].map(formatPercentage)).toEqual([
    '0 %',
    '50 %',
    '0.123 %',
    '-150 %',
  ]);
});

test.each([
  [10, '≥ 10 s'],
  [12, '≥ 10 s'],
  [5, '5 s'],
  [0.0005, '500 µs'],
  [0.0003, '< 500 µs'],
  [null, '–'],
])('a percentile of %s in a histogram from 0.5 ms to 10 s is formatted as %s', (seconds, text) => {
  expect(formatPercentile(seconds, { lowestBound: 0.0005, highestBound: 10 })).toBe(text);
});

test('a percentile of a summary has no bounds', () => {
  expect(formatPercentile(0.0003, { lowestBound: null, highestBound: null })).toBe('300 µs');
});

test('the age of a call is formatted in one unit', () => {
  expect([null, 0, 0.5, 66, 119.9, 120, 7199, 7200, 172_800].map(formatAge)).toEqual([
    '–',
    '0 s',
    '500 ms',
    '66 s',
    '120 s',
    '2 min',
    '119 min',
    '2 h',
    '2 d',
  ]);
});

test('a budget that is overspent many times over is formatted as a multiple', () => {
  expect([1, 0.123, 0.0123, -0.783, -1.5, -50, null].map(formatBudget)).toEqual([
    '100 %',
    '12 %',
    '1.23 %',
    '-78 %',
    '-150 %',
    '-50×',
    '–',
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
