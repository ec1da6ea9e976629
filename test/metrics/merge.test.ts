import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Exemplar } from '../../src/metrics/exemplar';
import type { HistogramCell } from '../../src/metrics/histogram-cell';
import { HistogramStore } from '../../src/metrics/histogram-store';
import { mergeHistograms } from '../../src/metrics/merge';
import { NativeBuckets } from '../../src/metrics/native-buckets';
import { createHistogram } from '../support/create-histogram';

function merge(into: HistogramCell, other: HistogramCell): void {
  mergeHistograms(into, other, new HistogramStore());
}

function filled(bounds: readonly number[], values: readonly number[], native = false) {
  const cell = createHistogram(bounds);
  if (native) cell.native = new NativeBuckets(0, 160);
  for (const value of values) cell.observe(value);
  return cell;
}

const bounds = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 });
const values = fc.array(fc.integer({ min: 0, max: 22 }), { minLength: 1, maxLength: 30 });

/** How many values are at most each bound. */
function cumulative(of: readonly number[], observed: readonly number[]): number[] {
  return [...of, Infinity].map((bound) => observed.filter((value) => value <= bound).length);
}

function read(cell: HistogramCell): number[] {
  let sum = 0;
  return cell.counts().map((count) => (sum += count));
}

describe('histograms of several processes', () => {
  it('merged histograms have exact counts at all bounds that every part has, in any order of the parts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(bounds, values), { minLength: 2, maxLength: 4 }),
        fc.nat(),
        (parts, turn) => {
          const sorted = parts.map(([of, observed]): [number[], number[]] => [
            of.toSorted((a, b) => a - b),
            observed,
          ]);
          const at = turn % sorted.length;
          const turned = [...sorted.slice(at), ...sorted.slice(0, at)];
          const [first, ...others] = turned.map(([of, observed]) => filled(of, observed));
          for (const other of others) merge(first as HistogramCell, other);

          const shared = (sorted[0]?.[0] ?? []).filter((bound) =>
            sorted.every(([of]) => of.includes(bound)),
          );
          const all = sorted.flatMap(([, observed]) => observed);
          expect(first?.bounds).toEqual(shared);
          expect(read(first as HistogramCell)).toEqual(cumulative(shared, all));
          expect(first?.sum).toBe(all.reduce((sum, value) => sum + value, 0));
        },
      ),
    );
  });

  it('merged histograms have the buckets of the parts with observations', () => {
    const empty = filled([9], []);
    const full = filled([1, 2], [1.5], true);
    merge(full, filled([3], []));
    expect([full.bounds, full.counts(), full.native?.counts]).toEqual([[1, 2], [0, 1, 0], [1]]);
    merge(empty, full);
    expect([empty.bounds, empty.counts(), empty.native?.counts]).toEqual([[1, 2], [0, 1, 0], [1]]);
  });

  it('merged histograms have native buckets if all parts with observations have them', () => {
    const both = filled([1], [3], true);
    merge(both, filled([1], [3, 0], true));
    expect([both.native?.counts, both.native?.zeros]).toEqual([[2], 1]);
    for (const [one, other] of [
      [filled([1], [3], true), filled([1], [3])],
      [filled([1], [3]), filled([1], [3], true)],
    ] as const) {
      merge(one, other);
      expect(one.native).toBeNull();
    }
  });

  it('a merged histogram starts with the earliest of its parts', () => {
    const [early, late] = [filled([1], [1]), filled([1], [1])];
    early.startedAt = -7;
    late.startedAt = 5;
    merge(late, early);
    merge(early, filled([1], [1]));
    expect([late.startedAt, early.startedAt]).toEqual([-7, -7]);
  });

  it('merged histograms have the exemplars of the only part with exemplars', () => {
    const exemplar: Exemplar = { labels: { trace: 'a' }, value: 3, timestamp: 1 };
    const [none, some] = [filled([1, 2], [3]), filled([1, 2], [3])];
    some.exemplars = [undefined, undefined, exemplar];
    merge(none, some);
    expect(none.exemplars?.[2]).toBe(exemplar);
    merge(none, filled([1, 2], [3]));
    expect(none.exemplars?.[2]).toBe(exemplar);
  });

  it('merged histograms have the exemplars of parts that do not have the same buckets filled', () => {
    const exemplar = (trace: string): Exemplar => ({ labels: { trace }, value: 3, timestamp: 1 });
    const [short, long] = [filled([1, 2], [1]), filled([1, 2], [3])];
    const [first, last] = [exemplar('first'), exemplar('last')];
    short.exemplars = [first];
    long.exemplars = [undefined, undefined, last];
    merge(short, long);
    expect([short.exemplars?.[0], short.exemplars?.[2]]).toEqual([first, last]);
  });

  it('merged histograms without exemplars have none, even if buckets are combined', () => {
    const one = filled([1, 2], [1]);
    merge(one, filled([2], [1]));
    expect(one.exemplars).toBeNull();
  });

  it('merged histograms have the newest exemplar of each bucket, including combined buckets', () => {
    const exemplar = (trace: string, timestamp: number): Exemplar => ({
      labels: { trace },
      value: 1,
      timestamp,
    });
    const one = filled([1, 2, 3], [1, 2, 3, 4]);
    one.exemplars = [exemplar('a', 4), exemplar('b', 5), undefined, exemplar('c', 1)];
    const other = filled([2], [2, 4]);
    other.exemplars = [exemplar('d', 3), exemplar('e', 2)];

    merge(one, other);

    expect(one.bounds).toEqual([2]);
    expect(one.exemplars?.map(({ labels } = exemplar('none', 0)) => labels)).toEqual([
      { trace: 'b' },
      { trace: 'e' },
    ]);
  });
});
