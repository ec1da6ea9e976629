import fc from 'fast-check';
import { expect, test } from 'vitest';

import { OldestCalls } from '../../../src/runtime/calls/oldest-calls';

test('the oldest calls are first, however many there are and in whatever order they are found', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 10 }), (ages, most) => {
      const oldest = new OldestCalls(most);
      for (const age of ages) oldest.add({ service: 's', method: 'm', age, reference: null });
      const sorted = ages.toSorted((a, b) => b - a).slice(0, most);
      expect(oldest.oldest().map(({ age }) => age)).toEqual(sorted);
      expect(oldest.total).toBe(ages.length);
    }),
  );
});
