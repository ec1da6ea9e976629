import { describe, expect, it } from 'vitest';

import { QuantileSketch } from '../../src/metrics/sketch';
import { SummaryCell } from '../../src/metrics/summary-cell';

describe('SummaryCell', () => {
  it('the quantiles of a summary are 0 before the first observation', () => {
    expect(new SummaryCell([0.5, 0.9]).values()).toEqual([0, 0]);
  });

  it('a summary forgets values older than ten minutes, in steps of two minutes, but keeps count and sum', () => {
    let seconds = 1000;
    const cell = new SummaryCell([1], () => seconds);
    cell.observe(8);
    seconds += 300;
    cell.observe(1);
    const largest = (): number => Math.round(cell.values()[0] as number);
    expect(largest()).toBe(8);
    // The first observation expires between eight and ten minutes after it was made.
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

  it('a value observed as the window moves belongs to the step that begins', () => {
    let seconds = 1000;
    const cell = new SummaryCell([1], () => seconds);
    cell.observe(1);
    seconds = 1000 + 120;
    cell.observe(8);
    seconds = 1000 + 650;
    expect(cell.values().map(Math.round)).toEqual([8]);
    seconds = 1000 + 720;
    expect(cell.values()).toEqual([NaN]);
  });

  it('a merged summary starts with the earliest of its parts', () => {
    const [early, late] = [new SummaryCell([1]), new SummaryCell([1])];
    early.startedAt = -7;
    late.startedAt = 5;
    late.merge(early);
    expect(late.startedAt).toBe(-7);
    early.merge(new SummaryCell([1]));
    expect(early.startedAt).toBe(-7);
  });

  it('a summary starts again at 0 after a reset', () => {
    const cell = new SummaryCell([0.5]);
    cell.observe(3);
    cell.reset();
    expect([cell.count, cell.sum, cell.values(), cell.isZero()]).toEqual([0, 0, [0], true]);
    cell.observe(5);
    expect([cell.count, cell.sum, cell.isZero()]).toEqual([1, 5, false]);
    expect(Math.round(cell.values()[0] as number)).toBe(5);
  });

  it.each([
    [[0.5], [0.5, 0.9]],
    [[0.5, 0.9], [0.5]],
    [
      [0.5, 0.9],
      [0.5, 0.99],
    ],
  ])('summaries with the quantiles %j and %j have no quantiles when merged', (one, other) => {
    const [cell, added] = [new SummaryCell(one), new SummaryCell(other)];
    cell.observe(1);
    added.observe(1);
    cell.merge(added);
    expect(cell.quantiles).toEqual([]);
  });

  it('merged summaries have the quantiles of both windows and the counts since the start', () => {
    let seconds = 0;
    const old = new SummaryCell([0, 1], () => seconds);
    old.observe(1000);
    seconds = 700;
    old.observe(3);
    const other = new SummaryCell([0, 1]);
    other.observe(5);
    const sum = SummaryCell.of([0, 1], 1, 4, QuantileSketch.of(0, []));

    sum.merge(old);
    sum.merge(other);

    expect(sum.values().map(Math.round)).toEqual([3, 5]);
    expect([sum.count, sum.sum]).toEqual([4, 1012]);
    // Merging leaves the other summary unchanged.
    expect(other.values().map(Math.round)).toEqual([5, 5]);
  });

  it('merged summaries with different quantiles have none, unless one of them is empty', () => {
    const half = new SummaryCell([0.5]);
    const others = new SummaryCell([0.5, 0.9]);
    others.observe(7);
    half.merge(others);
    expect(half.values().map(Math.round)).toEqual([7, 7]);
    half.merge(new SummaryCell([0.1]));
    expect(half.quantiles).toEqual([0.5, 0.9]);
    const third = new SummaryCell([0.1]);
    third.observe(1);
    half.merge(third);
    expect(half.values()).toEqual([]);
    expect([half.count, half.sum]).toEqual([2, 8]);
  });

  it('a summary whose window is forgotten has no quantiles, but keeps count and sum', () => {
    const cell = new SummaryCell([0.5]);
    cell.observe(3);
    cell.forgetWindow();
    expect([cell.count, cell.sum, cell.values()]).toEqual([1, 3, [NaN]]);
  });
});
