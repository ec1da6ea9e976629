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
/** Without a size most arrays have some ten entries, too few to pass a maximum. */
const LONG = { maxLength: 300, size: 'max' } as const;

/** From 1 ns to some days: what latencies are. */
const latency = fc.double({ min: -30, max: 20, noNaN: true }).map((power) => 2 ** power);
const positive = fc.oneof(
  latency,
  fc.double({ min: ZERO_THRESHOLD * 2, max: Number.MAX_VALUE, noNaN: true }),
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

/** The one bucket that a value falls into when it comes alone. */
function indexOf(value: number, schema: number): number {
  const [index, ...others] = used(filled([value], schema, UNLIMITED)).keys();
  if (index === undefined || others.length > 0) throw new Error(`not one bucket for ${value}`);
  return index;
}

/** What rounding of the logarithm, of the power and of the product leave of a boundary. */
const ROUNDING = 1 + 2 ** -40;

describe('a native bucket', () => {
  it('holds the values above the bound of the one before, up to its own', () => {
    fc.assert(
      fc.property(positive, resolution, (value, schema) => {
        const index = indexOf(value, schema);
        // As logarithms, since the bound of the last bucket is above the largest number.
        const slack = Math.log2(ROUNDING);
        expect(Math.log2(value)).toBeLessThanOrEqual(index * 2 ** -schema + slack);
        expect(Math.log2(value)).toBeGreaterThan((index - 1) * 2 ** -schema - slack);
      }),
      { numRuns: 1000 },
    );
  });

  it('ends with its bound: a power of two is the last value of its bucket, its successor in the next', () => {
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

  it('takes infinity after the largest number, at any resolution', () => {
    for (let schema = MIN_RESOLUTION; schema <= MAX_RESOLUTION; schema++) {
      expect(indexOf(Infinity, schema)).toBe(indexOf(Number.MAX_VALUE, schema) + 1);
    }
    const buckets = filled([1, Infinity, Infinity, 1e-9], 8, 2);
    expect(total(buckets)).toBe(4);
    expect(used(buckets).get(indexOf(Infinity, buckets.schema))).toBe(2);
  });
});

describe('native buckets', () => {
  it('count each value once, and are those of the values one by one', () => {
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

  it('are no more than the maximum: the resolution is halved, and no observation lost or moved', () => {
    fc.assert(
      fc.property(
        fc.array(latency, LONG),
        resolution,
        // From 4 buckets on the coarsest resolution holds all latencies.
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

  it('keep their resolution while the maximum is not passed', () => {
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 100, size: 'max' }), (values) => {
        const limit = used(filled(values, 3, UNLIMITED)).size;
        expect(filled(values, 3, Math.max(limit, 100)).schema).toBe(3);
      }),
    );
  });

  it('stay short when two values are as far apart as numbers can be', () => {
    const buckets = filled([ZERO_THRESHOLD * 2, Number.MAX_VALUE, 1], 8, 160);
    expect(buckets.counts.length).toBeLessThanOrEqual(160 * 16);
    expect(total(buckets)).toBe(3);
  });

  it('at the coarsest resolution go on counting past the maximum', () => {
    const values = [1e-30, 1e-20, 1e-10, 1, 1e10, 1e20];
    const buckets = filled(values, 3, 1);
    expect(buckets.schema).toBe(MIN_RESOLUTION);
    expect(total(buckets)).toBe(values.length);
  });

  it('count values up to the threshold as zeros, and what is not a number not at all', () => {
    const buckets = filled([0, -0, ZERO_THRESHOLD, -1, Number.MIN_VALUE, NaN], 3, 160);
    expect(buckets.zeros).toBe(5);
    expect(buckets.counts).toEqual([]);
    buckets.add(ZERO_THRESHOLD * ROUNDING);
    expect(buckets.zeros).toBe(5);
    expect(total(buckets)).toBe(1);
  });

  it('start again at the configured resolution after a reset', () => {
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
});
