import { describe, expect, it } from 'vitest';

import { CounterHistory } from '../../../src/tools/page/sampled-values';

describe('CounterHistory', () => {
  it('a counter history has the increase between any two samples', () => {
    const counter = new CounterHistory(4);
    [0, 3, 0, 5].forEach((increase, slot) => counter.add(increase, slot));
    expect([counter.between(0, 3), counter.between(1, 2), counter.between(2, 3)]).toEqual([
      8, 0, 5,
    ]);
    expect(counter.total).toBe(8);
  });

  it('a counter history is exact when its total exceeds 32 bits', () => {
    const counter = new CounterHistory(4);
    counter.add(2 ** 32 - 2, 0);
    counter.add(5, 1);
    expect(counter.between(0, 1)).toBe(5);
    expect(counter.total).toBe(2 ** 32 + 3);
  });
});
