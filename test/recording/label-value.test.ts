import { expect, test } from 'vitest';

import { boundLabelValue } from '../../src/recording/label-value';

/** Text of this many letters. */
const letters = (count: number): string => 'a'.repeat(count);

test('a value of 256 characters stays as it is', () => {
  expect(boundLabelValue(letters(256))).toBe(letters(256));
});

test('a longer value ends in an ellipsis, and has 256 characters with it', () => {
  expect(boundLabelValue(letters(257))).toBe(`${letters(255)}…`);
});

test.each([
  ['the first one with a pair', '\u{10000}'],
  ['an emoji', '😀'],
  ['the last one', '\u{10ffff}'],
])('a character is not cut in half: %s', (_title, character) => {
  expect(boundLabelValue(letters(254) + character + letters(10))).toBe(`${letters(254)}…`);
});

test.each([
  ['a pair that ends before the cut', letters(253) + '😀'],
  ['the last character before the surrogates', `${letters(254)}\ud7ff`],
  ['the first character after the surrogates', `${letters(254)}\ue000`],
])('a value that is cut keeps %s', (_title, start) => {
  expect(boundLabelValue(start + letters(10))).toBe(`${start}…`);
});

test('a pair after the cut does not shorten the value', () => {
  expect(boundLabelValue(`${letters(256)}😀`)).toBe(`${letters(255)}…`);
});
