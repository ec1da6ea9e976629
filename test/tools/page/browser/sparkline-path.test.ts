import { expect, it } from 'vitest';

import { sparklinePath } from '../../../../src/tools/page/browser/sparkline-path';

it('a sparkline places values at their times and interrupts the line where a value is unknown', () => {
  expect(sparklinePath([0, 1000, 4000], [1, 1, 0], 0)).toBe('M0.0 1.0h.1L18.0 1.0L72.0 19.0');
  expect(sparklinePath([0, 1000, 2000], [1, null, 1], 2)).toBe('M0.0 10.0h.1M72.0 10.0h.1');
});
