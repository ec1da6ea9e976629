import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CounterCell } from '../../src/metrics/cell';
import { BucketSlabs } from '../../src/metrics/bucket-slab';
import { HistogramCell, type HistogramShape } from '../../src/metrics/histogram-cell';
import { HistogramStore } from '../../src/metrics/histogram-store';
import { NativeBuckets } from '../../src/metrics/native-buckets';
import { SummaryCell } from '../../src/metrics/summary-cell';
import { createHistogram } from '../support/create-histogram';

const SHAPE: HistogramShape = { bounds: [1, 2], boundsInCode: null, nativeInCode: null };

/** Histograms that take rows of the first slab of these. */
function neighbors(): { slabs: BucketSlabs; cells: HistogramCell[] } {
  const slabs = new BucketSlabs();
  return { slabs, cells: Array.from({ length: 3 }, () => new HistogramCell(SHAPE, slabs)) };
}

/** What a slab has of all its histograms. */
function sumIn(slabs: BucketSlabs, buckets: number): number {
  return slabs.withRoom(buckets).sums.reduce((sum, each) => sum + each, 0);
}

describe('HistogramCell', () => {
  it('a histogram counts each value in the first bucket whose bound it does not exceed', () => {
    const bounds = [0.1, 1, 10];
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -20, max: 20 })), (values) => {
        const cell = createHistogram(bounds);
        for (const value of values) cell.observe(value);
        const within = (from: number, to: number): number =>
          values.filter((value) => value > from && value <= to).length;
        expect(cell.counts()).toEqual([
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
    const cell = createHistogram([1]);
    cell.observe(NaN);
    expect(cell.counts()).toEqual([0, 1]);
  });

  it('a histogram keeps observations by error type, of which each begins with it and is reset with it', () => {
    const cell = createHistogram([1]);
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

    expect(cell.counts()).toEqual([2, 2]);
    expect([a?.counts(), a?.sum, a?.startedAt]).toEqual([[2, 0], 0.75, cell.startedAt]);
    expect([b?.counts(), b?.sum, b?.startedAt]).toEqual([[0, 1], 2, cell.startedAt]);
    expect(a?.native).toMatchObject({ schema: 3, maxBuckets: 10 });
    cell.reset();
    expect(cell.errorTypes).toBeNull();
  });

  it('a histogram has at most fifty error types', () => {
    const cell = createHistogram([1]);
    for (let i = 0; i < 100; i++) cell.observeErrorType(`E${i}`, 1);
    cell.observeErrorType('E7', 1);

    expect(cell.errorTypes?.size).toBe(50);
    expect(cell.errorTypes?.get('E7')?.count()).toBe(2);
  });

  it('each reset has a later start time, even within one millisecond', () => {
    for (const cell of [createHistogram([1]), new CounterCell(), new SummaryCell([0.5])]) {
      for (let i = 0; i < 3; i++) {
        const { startedAt } = cell;
        cell.reset();
        expect(cell.startedAt).toBeGreaterThan(startedAt);
      }
    }
  });

  it('histograms in one slab have counts, sums and start times of their own', () => {
    const { cells } = neighbors();
    for (const [i, cell] of cells.entries()) {
      cell.startedAt = -i;
      for (let n = 0; n <= i; n++) cell.observe(i + 0.5);
    }
    expect(cells.map((cell) => [cell.counts(), cell.sum, cell.startedAt])).toEqual([
      [[1, 0, 0], 0.5, -0],
      [[0, 2, 0], 3, -1],
      [[0, 0, 3], 7.5, -2],
    ]);
    cells[1]?.reset();
    expect(cells.map((cell) => [cell.count(), cell.sum])).toEqual([
      [1, 0.5],
      [0, 0],
      [3, 7.5],
    ]);
  });

  it('a histogram counts beyond 32 bits', () => {
    const { cells } = neighbors();
    const [before, cell, after] = cells as [HistogramCell, HistogramCell, HistogramCell];
    cell.setBuckets(SHAPE, [7, 2 ** 32 - 1, 5]);
    for (let i = 0; i < 3; i++) cell.observe(1.5);

    expect(cell.counts()).toEqual([7, 2 ** 32 + 2, 5]);
    expect(cell.count()).toBe(2 ** 32 + 14);
    expect([before.count(), after.count()]).toEqual([0, 0]);
    cell.setBuckets(SHAPE, [0, 2 ** 33 - 1, 0]);
    cell.observe(1.5);
    expect(cell.counts()).toEqual([0, 2 ** 33, 0]);
    cell.reset();
    cell.observe(1.5);
    expect(cell.counts()).toEqual([0, 1, 0]);
  });

  it('a histogram has exact counts up to 2^53', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat(), { minLength: 3, maxLength: 3 }), (counts) => {
        const cell = createHistogram([1, 2]);
        cell.setBuckets(cell.shape, counts);
        expect(cell.counts()).toEqual(counts);
        cell.setBuckets(cell.shape, [1, 2, 3]);
        expect(cell.counts()).toEqual([1, 2, 3]);
      }),
    );
  });

  it('a new histogram takes the row of one that was released, and begins at 0', () => {
    const { slabs, cells } = neighbors();
    const slab = slabs.withRoom(3);
    for (let i = 0; i < 1000; i++) {
      const cell = new HistogramCell(SHAPE, slabs);
      expect([cell.counts(), cell.sum]).toEqual([[0, 0, 0], 0]);
      cell.observe(i);
      cell.release();
    }
    expect(slabs.withRoom(3)).toBe(slab);
    expect(cells.map((cell) => cell.count())).toEqual([0, 0, 0]);
  });

  it('a call that ends after its histogram was released does not change the histogram that has its row', () => {
    const { slabs, cells } = neighbors();
    const removed = cells[1] as HistogramCell;
    removed.startedAt = -5;
    removed.observe(1.5);
    removed.release();
    removed.release();
    const successor = new HistogramCell(SHAPE, slabs);
    removed.observe(4);
    removed.observeErrorType('Late', 8);
    removed.reset();
    removed.startedAt = -5;
    removed.observe(0.5);

    expect([removed.counts(), removed.sum, removed.startedAt]).toEqual([[1, 0, 0], 0.5, -5]);
    expect([successor.counts(), successor.sum]).toEqual([[0, 0, 0], 0]);
    expect(successor.startedAt).toBeGreaterThanOrEqual(0);
    expect(sumIn(slabs, 3)).toBe(0);
  });

  it('a released histogram keeps what it has observed, also by error type', () => {
    const { slabs, cells } = neighbors();
    const cell = cells[1] as HistogramCell;
    cell.setBuckets(SHAPE, [0, 2 ** 32 - 1, 0]);
    cell.observe(1.5);
    cell.observeErrorType('A', 1.5);
    cell.startedAt = -5;
    cell.release();

    expect([cell.counts(), cell.sum, cell.startedAt]).toEqual([[0, 2 ** 32, 0], 1.5, -5]);
    expect(cell.errorTypes?.get('A')?.counts()).toEqual([0, 1, 0]);
    expect(sumIn(slabs, 3)).toBe(0);
  });

  it('a histogram gives the rows of its error types back when it is reset', () => {
    const { slabs, cells } = neighbors();
    const [cell] = cells as [HistogramCell];
    const slab = slabs.withRoom(3);
    for (let i = 0; i < 100; i++) {
      cell.observeErrorType('A', 1);
      cell.observeErrorType('B', 2);
      expect(cell.errorTypes?.get('A')?.counts()).toEqual([1, 0, 0]);
      cell.reset();
    }
    expect(slabs.withRoom(3)).toBe(slab);
    expect(sumIn(slabs, 3)).toBe(0);
  });

  it('a histogram gives its row back when it gets other buckets, also a released one', () => {
    const { slabs, cells } = neighbors();
    const [cell, removed] = cells as [HistogramCell, HistogramCell];
    const other: HistogramShape = { bounds: [1, 2, 3, 4], boundsInCode: null, nativeInCode: null };
    cell.setBuckets(SHAPE, [0, 2 ** 32, 1]);
    cell.sum = 9;
    cell.rebucket(other);
    expect([cell.bounds, cell.counts(), cell.sum]).toEqual([[1, 2, 3, 4], [0, 0, 0, 0, 0], 0]);
    expect([sumIn(slabs, 3), slabs.withRoom(3).take()]).toEqual([0, 0]);
    cell.observe(3.5);
    expect(sumIn(slabs, 5)).toBe(3.5);

    removed.release();
    removed.rebucket(other);
    removed.observe(3.5);
    expect(removed.counts()).toEqual([0, 0, 0, 1, 0]);
    expect(sumIn(slabs, 5)).toBe(3.5);
  });
});

describe('HistogramStore', () => {
  it('histograms with equal buckets share one shape, also if the program changes its array', () => {
    const store = new HistogramStore();
    const bounds = [1, 2];
    const shape = store.shapeOf(bounds, bounds, true);
    bounds.push(3);

    expect(shape).toEqual({ bounds: [1, 2], boundsInCode: [1, 2], nativeInCode: true });
    expect(store.shapeOf([1, 2], [1, 2], true)).toBe(shape);
    expect(store.shapeOf([1, 2])).not.toBe(shape);
    expect(store.shapeOf([1, 2]).bounds).toBe(shape.bounds);
    expect(store.shapeOf([1, 2], [1, 3], true)).not.toBe(shape);
    expect(store.shapeOf([1, 2], [1, 2], false)).not.toBe(shape);
  });
});
