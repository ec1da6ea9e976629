import fc from 'fast-check';
import { expect, it } from 'vitest';

import { spellCanonical, spellNumber } from '../../src/scrape/number-spelling';

// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#considerations-canonical-numbers
const CANONICAL =
  '0.0 0.001 0.002 0.01 0.1 0.9 0.95 0.99 0.999 1.0 1.7 10.0 ' +
  '1e-10 1e-09 1e-05 0.0001 100000.0 1e+06 1e+10';

it.each(CANONICAL.split(' '))('%s is spelled as the OpenMetrics specification does', (spelling) => {
  expect(spellCanonical(Number(spelling))).toBe(spelling);
});

it.each([
  // What Go's `strconv.FormatFloat(value, 'g', -1, 64)` returns, with `.0` where the specification adds it.
  [-2, '-2.0'],
  [-0.00001, '-1e-05'],
  [12.5, '12.5'],
  [999_999, '999999.0'],
  [1_234_567, '1.234567e+06'],
  [0.000_123, '0.000123'],
  [0.000_012_3, '1.23e-05'],
  [1e100, '1e+100'],
  [1e-100, '1e-100'],
])('%d is spelled in a label of OpenMetrics as Go does', (value, spelling) => {
  expect(spellCanonical(value)).toBe(spelling);
});

it.each([
  ['a label of OpenMetrics', spellCanonical],
  ['a value', spellNumber],
])('infinities are spelled with their sign in %s', (_where, spell) => {
  expect([spell(Infinity), spell(-Infinity)]).toEqual(['+Inf', '-Inf']);
});

it.each([
  ['a label of OpenMetrics', spellCanonical],
  ['a value', spellNumber],
])('any number is read back from its spelling in %s', (_where, spell) => {
  // JavaScript has two zeros, which are the same to readers.
  const finite = fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0);
  fc.assert(
    fc.property(finite, (value) => {
      expect(Number(spell(value))).toBe(value);
    }),
  );
});
