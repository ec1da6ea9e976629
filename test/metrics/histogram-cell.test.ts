import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HistogramCell } from '../../src/metrics/cell';

describe('HistogramCell', () => {
  it('a histogram counts each value in the first bucket whose bound it does not exceed', () => {
    const bounds = [0.1, 1, 10];
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -20, max: 20 })), (values) => {
        const cell = new HistogramCell(bounds);
        for (const value of values) cell.observe(value);
        const within = (from: number, to: number): number =>
          values.filter((value) => value > from && value <= to).length;
        expect(cell.counts).toEqual([
          within(-Infinity, 0.1),
          within(0.1, 1),
          within(1, 10),
          within(10, Infinity),
        ]);
        expect(cell.count()).toBe(values.length);
      }),
    );
  });

  it('a histogram puts NaN into the last bucket, so that the count stays correct', () => {
    const cell = new HistogramCell([1]);
    cell.observe(NaN);
    expect(cell.counts).toEqual([0, 1]);
  });
});
