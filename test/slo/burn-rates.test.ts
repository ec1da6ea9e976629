import { expect, test } from 'vitest';

import { burnRates } from '../../src/slo/burn-rates';
import { minutesOfDuration } from '../../src/slo/duration';

const summaries = (window: string, target: number) =>
  burnRates(window, target).map(({ severity, factor, long, short }) =>
    [severity, factor, long, short].join(' '),
  );

test('the burn rates for a window of 30 days match the SRE workbook', () => {
  expect(summaries('30d', 0.999)).toEqual([
    'page 14.4 1h 5m',
    'page 6 6h 30m',
    'ticket 3 1d 2h',
    'ticket 1 3d 6h',
  ]);
});

test('a longer window has higher factors over the same hours', () => {
  // 2 % of 90 days is 43.2 hours' worth of the budget, 5 % is 108, 10 % is 216.
  expect(summaries('90d', 0.999)).toEqual([
    'page 43.2 1h 5m',
    'page 18 6h 30m',
    'ticket 9 1d 2h',
    'ticket 3 3d 6h',
  ]);
});

test('a window in weeks has the burn rates of the same number of days', () => {
  expect(summaries('4w', 0.99)).toEqual(summaries('28d', 0.99));
  // 28 days are 672 hours: 2 % are 13.44, 5 % are 33.6, 10 % are 67.2.
  expect(summaries('28d', 0.99)).toEqual([
    'page 13.44 1h 5m',
    'page 5.6 6h 30m',
    'ticket 2.8 1d 2h',
    'ticket 1 2d19h12m 5h36m',
  ]);
});

test('no alert fires while the objective is kept: the alert window is shortened instead', () => {
  // 10 % of the 168 hours of a week are 16.8 hours at the rate that the objective allows.
  expect(summaries('7d', 0.95)).toEqual([
    'page 3.36 1h 5m',
    'page 1.4 6h 30m',
    'ticket 1 16h48m 1h24m',
  ]);
  // 28.8, 72 and 144 minutes of the 1440 of a day.
  expect(summaries('1d', 0.999)).toEqual([
    'page 1 29m 2m',
    'page 1 1h12m 6m',
    'ticket 1 2h24m 12m',
  ]);
});

test('no alert needs more failures than calls: the alert window is lengthened instead', () => {
  // A tenth of the calls may fail. 14.4 times that is more than all calls; 9 times spends 2 % of 720 hours in 1.6.
  expect(summaries('30d', 0.9)).toEqual([
    'page 9 1h36m 8m',
    'page 6 6h 30m',
    'ticket 3 1d 2h',
    'ticket 1 3d 6h',
  ]);
  // Half of the calls may fail: 1.8 times spends 2 % in 8 hours and 5 % in 20.
  expect(summaries('30d', 0.5)).toEqual([
    'page 1.8 8h 40m',
    'page 1.8 20h 1h40m',
    'ticket 1.8 1d16h 3h20m',
    'ticket 1 3d 6h',
  ]);
});

test.each(['1d', '2d', '3d', '7d', '2w', '28d', '30d', '60d', '90d'])(
  'with a window of %s, every alert can fire and looks back no further than the window',
  (window) => {
    for (const target of [0.05, 0.3, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999]) {
      for (const { factor, long, short } of burnRates(window, target)) {
        expect(factor * (1 - target)).toBeLessThan(0.91);
        expect(minutesOfDuration(long)).toBeLessThan(minutesOfDuration(window) / 5);
        expect(minutesOfDuration(short)).toBeGreaterThanOrEqual(1);
        expect(minutesOfDuration(short)).toBeLessThan(minutesOfDuration(long));
      }
    }
  },
);
