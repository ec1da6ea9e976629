import { expect, test } from 'vitest';

import { showPercentage, showSeconds } from '../../../../src/tools/cli/top/cell-text';

test.each([
  [0, '0s'],
  [0.000_25, '250us'],
  [0.000_999_6, '1.00ms'],
  [0.0155, '15.5ms'],
  [0.9994, '999ms'],
  [0.9996, '1.00s'],
  [99.96, '100s'],
  [7199, '7199s'],
  [7200, '2h'],
  [172_800, '2d'],
])('a time of %d seconds is shown without an exponent', (seconds, text) => {
  expect(showSeconds(seconds)).toBe(text);
});

test.each([
  [0, '0.0%'],
  [0.000_01, '<0.01%'],
  [0.0001, '0.01%'],
  [0.0667, '6.67%'],
  [0.25, '25.0%'],
  [1, '100.0%'],
])('a fraction of %d is shown in percent, and never as 0 if it is more', (fraction, text) => {
  expect(showPercentage(fraction)).toBe(text);
});
