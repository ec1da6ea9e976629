import { describe, expect, it } from 'vitest';

import { type BucketSlab, BucketSlabs } from '../../src/metrics/bucket-slab';

interface Taken {
  readonly slab: BucketSlab;
  readonly row: number;
}

function take(slabs: BucketSlabs, count: number, buckets = 2): Taken[] {
  return Array.from({ length: count }, () => {
    const slab = slabs.withRoom(buckets);
    return { slab, row: slab.take() };
  });
}

function slabsOf(taken: readonly Taken[]): Set<BucketSlab> {
  return new Set(taken.map(({ slab }) => slab));
}

/** The number of different rows. */
function distinct(taken: readonly Taken[]): number {
  let rows = 0;
  for (const slab of slabsOf(taken)) {
    rows += new Set(taken.filter((each) => each.slab === slab).map(({ row }) => row)).size;
  }
  return rows;
}

describe('BucketSlabs', () => {
  it('each taken row is one of its own, within its slab', () => {
    const taken = take(new BucketSlabs(), 1000);
    expect(distinct(taken)).toBe(1000);
    expect(taken.every(({ slab, row }) => row < slab.sums.length)).toBe(true);
    for (const { counts, sums, startedAt } of slabsOf(taken)) {
      expect([counts.length, startedAt.length]).toEqual([2 * sums.length, sums.length]);
    }
  });

  it('slabs are small at first, and have 128 rows later', () => {
    const sizes = [...slabsOf(take(new BucketSlabs(), 500))].map(({ sums }) => sums.length);
    expect(sizes).toEqual([8, 16, 32, 64, 128, 128, 128]);
  });

  it('rows with different numbers of buckets are in different slabs', () => {
    const slabs = new BucketSlabs();
    const [[two], [three]] = [take(slabs, 1, 2), take(slabs, 1, 3)] as [[Taken], [Taken]];
    expect([two.slab.buckets, three.slab.buckets]).toEqual([2, 3]);
  });

  it('a row that was given back is taken before a new slab is made, and is 0', () => {
    const slabs = new BucketSlabs();
    const taken = take(slabs, 1000);
    const before = slabsOf(taken);
    const returned = taken.filter((_, i) => i % 3 === 0);
    for (const { slab, row } of returned) {
      slab.counts.fill(7, row * 2, row * 2 + 2);
      slab.sums[row] = 7;
      slab.giveBack(row);
    }
    const again = take(slabs, returned.length);
    expect(distinct([...taken.filter((_, i) => i % 3 !== 0), ...again])).toBe(1000);
    expect(again.every(({ slab }) => before.has(slab))).toBe(true);
    const values = again.flatMap(({ slab, row }) => [
      ...slab.counts.subarray(row * 2, row * 2 + 2),
      slab.sums[row],
    ]);
    expect(new Set(values)).toEqual(new Set([0]));
  });

  it('of the slabs without taken rows, one is kept', () => {
    const slabs = new BucketSlabs();
    const taken = take(slabs, 1000);
    const before = slabsOf(taken);
    for (const { slab, row } of taken) slab.giveBack(row);
    const kept = [...slabsOf(take(slabs, 1000))].filter((slab) => before.has(slab));
    expect(kept).toHaveLength(1);
  });

  it('an extracted row is a copy that belongs to no slabs', () => {
    const slabs = new BucketSlabs();
    const [, { slab, row }] = take(slabs, 2) as [Taken, Taken];
    slab.counts.set([3, 4], row * 2);
    slab.sums[row] = 5;
    slab.startedAt[row] = -6;
    const copy = slab.extract(row);
    slab.clear(row);
    expect([[...copy.counts], [...copy.sums], [...copy.startedAt]]).toEqual([[3, 4], [5], [-6]]);
    expect([copy.slabs, copy.isFull]).toEqual([null, true]);
  });
});
