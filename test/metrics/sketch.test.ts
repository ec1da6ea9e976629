import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { QuantileSketch } from '../../src/metrics/sketch';

/** The value of rank ceil(q * n) in the sorted list. */
function trueQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number;
}

describe('QuantileSketch', () => {
  it('a sketch is within 1 % of the true quantile, for any values and any quantile', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-8, max: 1e6, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sketch = new QuantileSketch();
          for (const value of values) sketch.add(value);
          const exact = trueQuantile(values, q);
          expect(Math.abs(sketch.quantile(q) - exact)).toBeLessThanOrEqual(exact * 0.010001);
        },
      ),
    );
  });

  it('a sketch merged from parts equals the sketch of the whole', () => {
    const values = [0, 0.001, 0.02, 0.3, 4, 50];
    const whole = new QuantileSketch();
    const parts = [new QuantileSketch(), new QuantileSketch()];
    values.forEach((value, i) => {
      whole.add(value);
      parts[i % 2]?.add(value);
    });
    const merged = new QuantileSketch();
    for (const part of parts) merged.merge(part);
    for (const q of [0, 0.25, 0.5, 0.75, 1]) expect(merged.quantile(q)).toBe(whole.quantile(q));
  });

  it('an empty sketch has no quantiles, and a sketch of zeros has 0', () => {
    const sketch = new QuantileSketch();
    expect(sketch.quantile(0.5)).toBeNaN();
    sketch.add(0);
    expect(sketch.quantile(0.5)).toBe(0);
  });

  it('a sketch counts values up to a nanosecond as 0, and longer ones not', () => {
    const sketch = new QuantileSketch();
    for (const value of [-1, 0, 1e-9, 1.01e-9, NaN]) sketch.add(value);
    expect([sketch.zeros, sketch.count]).toEqual([4, 5]);
  });

  it('a sketch made of the zeros and entries of another equals it', () => {
    const sketch = new QuantileSketch();
    for (const value of [0, 0, 0.001, 0.02, 0.02, 50]) sketch.add(value);
    expect(QuantileSketch.of(sketch.zeros, sketch.entries())).toEqual(sketch);
    expect([sketch.zeros, sketch.count]).toEqual([2, 6]);
  });
});
