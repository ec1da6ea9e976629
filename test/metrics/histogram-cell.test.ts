import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CounterCell, HistogramCell } from '../../src/metrics/cell';
import { NativeBuckets } from '../../src/metrics/native-buckets';
import { SummaryCell } from '../../src/metrics/summary-cell';

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

  it('a histogram keeps observations by error type, of which each begins with it and is reset with it', () => {
    const cell = new HistogramCell([1]);
    cell.native = new NativeBuckets(3, 10);
    for (const [type, value] of [
      ['A', 0.5],
      ['B', 2],
      ['A', 0.25],
    ] as const) {
      cell.observe(value);
      cell.observeErrorType(type, value);
    }
    cell.observe(4);
    const [a, b] = ['A', 'B'].map((type) => cell.errorTypes?.get(type));

    expect(cell.counts).toEqual([2, 2]);
    expect(a).toMatchObject({ counts: [2, 0], sum: 0.75, startedAt: cell.startedAt });
    expect(b).toMatchObject({ counts: [0, 1], sum: 2, startedAt: cell.startedAt });
    expect(a?.native).toMatchObject({ schema: 3, maxBuckets: 10 });
    cell.reset();
    expect(cell.errorTypes).toBeNull();
  });

  it('a histogram has at most fifty error types', () => {
    const cell = new HistogramCell([1]);
    for (let i = 0; i < 100; i++) cell.observeErrorType(`E${i}`, 1);
    cell.observeErrorType('E7', 1);

    expect(cell.errorTypes?.size).toBe(50);
    expect(cell.errorTypes?.get('E7')?.count()).toBe(2);
  });

  it('each reset has a later start time, even within one millisecond', () => {
    for (const cell of [new HistogramCell([1]), new CounterCell(), new SummaryCell([0.5])]) {
      for (let i = 0; i < 3; i++) {
        const { startedAt } = cell;
        cell.reset();
        expect(cell.startedAt).toBeGreaterThan(startedAt);
      }
    }
  });
});
