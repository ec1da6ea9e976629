import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  MAX_RESOLUTION,
  MIN_RESOLUTION,
  NativeBuckets,
  ZERO_THRESHOLD,
} from '../../src/metrics/native-buckets';

const resolution = fc.integer({ min: MIN_RESOLUTION, max: MAX_RESOLUTION });
const UNLIMITED = 1_000_000;
/** Without a size, most arrays have about ten entries, too few to exceed a maximum. */
const LONG = { maxLength: 300, size: 'max' } as const;

/** The range of latencies, from 1 ns to some days. */
const latency = fc.double({ min: -30, max: 20, noNaN: true }).map((power) => 2 ** power);
const positive = fc.oneof(
  latency,
  fc.double({ min: ZERO_THRESHOLD * 2, max: Number.MAX_VALUE, noNaN: true }),
);

/** Any number that has a bucket, often far from the others. */
const anyPositive = fc.oneof(
  latency,
  fc.double({ min: -127, max: 1024, noNaN: true }).map((power) => 2 ** power),
  fc.constant(Infinity),
);

function filled(values: readonly number[], schema: number, maxBuckets: number): NativeBuckets {
  const buckets = new NativeBuckets(schema, maxBuckets);
  for (const value of values) buckets.add(value);
  return buckets;
}

function used({ counts, first }: NativeBuckets): Map<number, number> {
  const entries = counts.map((count, i): [number, number] => [first + i, count]);
  return new Map(entries.filter(([, count]) => count !== 0));
}

function total(buckets: NativeBuckets): number {
  return buckets.counts.reduce((sum, count) => sum + count, 0);
}

/** The bucket that a single value falls into. */
function indexOf(value: number, schema: number): number {
  const [index, ...others] = used(filled([value], schema, UNLIMITED)).keys();
  if (index === undefined || others.length > 0) throw new Error(`not one bucket for ${value}`);
  return index;
}

interface Model {
  readonly schema: number;
  readonly counts: ReadonlyMap<number, number>;
}

/** The expected buckets of these values, computed from scratch. */
function modelOf(values: readonly number[], finest: number, maxBuckets: number): Model {
  let indices = values.map((value) => indexOf(value, finest));
  let schema = finest;
  while (schema > MIN_RESOLUTION && !fits(indices, maxBuckets)) {
    // Bucket i of the next coarser resolution combines 2i - 1 and 2i.
    indices = indices.map((index) => Math.ceil(index / 2));
    schema--;
  }
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  return { schema, counts };
}

function fits(indices: readonly number[], maxBuckets: number): boolean {
  const span = Math.max(...indices) - Math.min(...indices) + 1;
  return new Set(indices).size <= maxBuckets && span <= 16 * maxBuckets;
}

/** At the coarsest resolution, 74 buckets lie between those of the smallest value and of infinity. */
function longestAllowed(maxBuckets: number): number {
  return Math.max(16 * maxBuckets, 74);
}

/** Tracks the length of the longest array in use. Arrays only grow, and are measured after they have grown. */
function watchLength(buckets: NativeBuckets): () => number {
  let { counts } = buckets;
  let longest = 0;
  const look = (): void => {
    longest = Math.max(longest, counts.length);
  };
  Object.defineProperty(buckets, 'counts', {
    get() {
      look();
      return counts;
    },
    set(next: number[]) {
      look();
      counts = next;
      look();
    },
  });
  return () => {
    look();
    return longest;
  };
}

/** The tolerance at a boundary for rounding of the logarithm, the power and the product. */
const ROUNDING = 1 + 2 ** -40;

describe('a native bucket', () => {
  it('a native bucket holds the values above the bound of the previous one, up to its own', () => {
    fc.assert(
      fc.property(positive, resolution, (value, schema) => {
        const index = indexOf(value, schema);
        // Compared as logarithms, because the bound of the last bucket is above the largest number.
        const slack = Math.log2(ROUNDING);
        expect(Math.log2(value)).toBeLessThanOrEqual(index * 2 ** -schema + slack);
        expect(Math.log2(value)).toBeGreaterThan((index - 1) * 2 ** -schema - slack);
      }),
      { numRuns: 1000 },
    );
  });

  it('a power of two is the last value of its native bucket, and the next value is in the next bucket', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -126, max: 1022 }),
        fc.integer({ min: 0, max: MAX_RESOLUTION }),
        (power, schema) => {
          const bound = 2 ** power;
          const index = power * 2 ** schema;
          expect(indexOf(bound, schema)).toBe(index);
          expect(indexOf(bound * (1 - 2 ** -40), schema)).toBe(index);
          expect(indexOf(bound * ROUNDING, schema)).toBe(index + 1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('infinity is in the native bucket after the largest number, at any resolution', () => {
    for (let schema = MIN_RESOLUTION; schema <= MAX_RESOLUTION; schema++) {
      expect(indexOf(Infinity, schema)).toBe(indexOf(Number.MAX_VALUE, schema) + 1);
    }
    const buckets = filled([1, Infinity, Infinity, 1e-9], 8, 2);
    expect(total(buckets)).toBe(4);
    expect(used(buckets).get(indexOf(Infinity, buckets.schema))).toBe(2);
  });
});

describe('native buckets', () => {
  it('native buckets count each value once, in the bucket that it has alone', () => {
    fc.assert(
      fc.property(fc.array(latency, LONG), resolution, (values, schema) => {
        const expected = new Map<number, number>();
        for (const value of values) {
          const index = indexOf(value, schema);
          expected.set(index, (expected.get(index) ?? 0) + 1);
        }
        const found = used(filled(values, schema, UNLIMITED));
        expect([...found]).toEqual([...expected].toSorted(([a], [b]) => a - b));
      }),
    );
  });

  it('native buckets stay within the maximum: the resolution is halved, and no observation is lost or moved', () => {
    fc.assert(
      fc.property(
        fc.array(latency, LONG),
        resolution,
        // With at least 4 buckets, the coarsest resolution holds all latencies.
        fc.integer({ min: 4, max: 200 }),
        (values, schema, maxBuckets) => {
          const buckets = filled(values, schema, maxBuckets);
          const found = used(buckets);
          expect(found.size).toBeLessThanOrEqual(maxBuckets);
          expect(buckets.schema).toBeLessThanOrEqual(schema);
          expect([...found]).toEqual([...used(filled(values, buckets.schema, UNLIMITED))]);
          expect(total(buckets)).toBe(values.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('native buckets keep their resolution until they exceed the maximum', () => {
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 100, size: 'max' }), (values) => {
        const limit = used(filled(values, 3, UNLIMITED)).size;
        expect(filled(values, 3, Math.max(limit, 100)).schema).toBe(3);
      }),
    );
  });

  it('after each value, native buckets equal those of all values so far at the finest allowed resolution', () => {
    fc.assert(
      fc.property(
        fc.array(anyPositive, LONG),
        resolution,
        fc.integer({ min: 1, max: 200 }),
        (values, schema, maxBuckets) => {
          const buckets = new NativeBuckets(schema, maxBuckets);
          values.forEach((value, i) => {
            buckets.add(value);
            const model = modelOf(values.slice(0, i + 1), schema, maxBuckets);
            expect(buckets.schema).toBe(model.schema);
            expect(used(buckets)).toEqual(model.counts);
          });
        },
      ),
    );
  });

  it('native buckets are never in a long array, not even while an outlier makes them coarser', () => {
    fc.assert(
      fc.property(
        fc.array(anyPositive, LONG),
        resolution,
        fc.integer({ min: 1, max: 200 }),
        (values, schema, maxBuckets) => {
          const buckets = new NativeBuckets(schema, maxBuckets);
          const longest = watchLength(buckets);
          for (const value of values) buckets.add(value);
          expect(longest()).toBeLessThanOrEqual(longestAllowed(maxBuckets));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('native buckets stay in a short array when two values are as far apart as numbers can be', () => {
    const buckets = new NativeBuckets(MAX_RESOLUTION, 160);
    const longest = watchLength(buckets);
    for (const value of [ZERO_THRESHOLD * 2, Infinity, 1]) buckets.add(value);
    expect(longest()).toBeLessThanOrEqual(longestAllowed(160));
    expect(total(buckets)).toBe(3);
  });

  it('native buckets at the coarsest resolution keep counting past the maximum', () => {
    const values = [1e-30, 1e-20, 1e-10, 1, 1e10, 1e20];
    const buckets = filled(values, 3, 1);
    expect(buckets.schema).toBe(MIN_RESOLUTION);
    expect(total(buckets)).toBe(values.length);
  });

  it('native buckets count values up to the threshold as zeros and ignore NaN', () => {
    const buckets = filled([0, -0, ZERO_THRESHOLD, -1, Number.MIN_VALUE, NaN], 3, 160);
    expect(buckets.zeros).toBe(5);
    expect(buckets.counts).toEqual([]);
    buckets.add(ZERO_THRESHOLD * ROUNDING);
    expect(buckets.zeros).toBe(5);
    expect(total(buckets)).toBe(1);
  });

  it('native buckets start at the configured resolution again after a reset', () => {
    fc.assert(
      fc.property(fc.array(positive, LONG), fc.array(latency, LONG), (before, after) => {
        const buckets = filled([0, ...before], 5, 4);
        buckets.reset();
        expect(buckets).toEqual(new NativeBuckets(5, 4));
        for (const value of after) buckets.add(value);
        expect(buckets).toEqual(filled(after, 5, 4));
      }),
    );
  });

  it('merged native buckets equal those of all values at the finest resolution that every part allows', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            // Either close together, where buckets are full, or far apart.
            fc.oneof(
              fc.array(fc.double({ min: 1, max: 2, noNaN: true }), LONG),
              fc.array(anyPositive, LONG),
            ),
            resolution,
            fc.integer({ min: 1, max: 200 }),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        fc.integer({ min: 1, max: 100 }),
        (parts, maxBuckets) => {
          const merged = new NativeBuckets(MAX_RESOLUTION, maxBuckets);
          let coarsest = MAX_RESOLUTION;
          for (const [values, schema, max] of parts) {
            const part = filled([0, ...values], schema, max);
            coarsest = Math.min(coarsest, part.schema);
            merged.merge(part);
            expect(part).toEqual(filled([0, ...values], schema, max));
          }
          const all = parts.flatMap(([values]) => values);
          const model = modelOf(all, coarsest, maxBuckets);
          expect(merged.schema).toBe(model.schema);
          expect(used(merged)).toEqual(model.counts);
          expect(merged.zeros).toBe(parts.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('merged native buckets keep counting as if they had counted everything themselves', () => {
    const merged = filled([1, 4], 0, 3);
    merged.merge(filled([16, 16], 0, 3));
    merged.add(64);
    expect(merged).toEqual(filled([1, 4, 16, 16, 64], 0, 3));
  });
});
