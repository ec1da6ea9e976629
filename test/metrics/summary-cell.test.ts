import { describe, expect, it } from 'vitest';

import { SummaryCell } from '../../src/metrics/summary-cell';

describe('SummaryCell', () => {
  it('stands at 0 before the first observation', () => {
    expect(new SummaryCell([0.5, 0.9]).values()).toEqual([0, 0]);
  });

  it('forgets what is older than ten minutes, in steps of two, and keeps count and sum', () => {
    let seconds = 1000;
    const cell = new SummaryCell([1], () => seconds);
    cell.observe(8);
    seconds += 300;
    cell.observe(1);
    const largest = (): number => Math.round(cell.values()[0] as number);
    expect(largest()).toBe(8);
    // The first observation goes between eight and ten minutes after it was made.
    seconds = 1000 + 479;
    expect(largest()).toBe(8);
    seconds = 1000 + 600;
    expect(largest()).toBe(1);
    seconds = 1000 + 300 + 600;
    expect(cell.values()).toEqual([NaN]);
    expect([cell.count, cell.sum]).toEqual([2, 9]);
    cell.observe(2);
    expect(largest()).toBe(2);
  });

  it('starts anew after a reset', () => {
    const cell = new SummaryCell([0.5]);
    cell.observe(3);
    cell.reset();
    expect([cell.count, cell.sum, cell.values()]).toEqual([0, 0, [0]]);
  });
});
