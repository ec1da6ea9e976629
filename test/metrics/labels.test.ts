import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  escapeLabelValue,
  labelIdentity,
  labelIdentityOfText,
  labelText,
  parseLabelText,
  seriesText,
} from '../../src/metrics/labels';

const name = fc.constantFrom('a', 'a1', 'a_b', 'A', 'tier', 'tier2', 'thrift_service');
const value = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ',', '=', '"', '\\', '\n', '{', '}'), maxLength: 4 }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udc00', '\ufffd', '😀'), maxLength: 3 }),
);
const labels = fc.dictionary(name, value);

/** The set as Prometheus stores it: without empty values, in UTF-8. */
function stored(set: Readonly<Record<string, string>>): Record<string, string> {
  const present = Object.entries(set).filter(([, text]) => text !== '');
  return Object.fromEntries(present.map(([key, text]) => [key, Buffer.from(text).toString()]));
}

const identity = (set: Readonly<Record<string, string>>) => labelIdentity(Object.entries(set));

function equal(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((key) => one[key] === other[key])
  );
}

test('two label sets have the same identity exactly when Prometheus stores them alike', () => {
  fc.assert(
    fc.property(labels, labels, (one, other) => {
      expect(identity(one) === identity(other)).toBe(equal(stored(one), stored(other)));
    }),
    { numRuns: 2000 },
  );
});

test('the order of the labels and labels with an empty value do not change the identity', () => {
  fc.assert(
    fc.property(labels, (set) => {
      const reversed = Object.fromEntries(Object.entries(set).toReversed());
      expect(identity({ ...reversed, empty: '' })).toBe(identity(set));
    }),
  );
});

test('a label text has the identity of its labels', () => {
  fc.assert(
    fc.property(labels, (set) => {
      expect(labelIdentityOfText(labelText(set))).toBe(identity(set));
      expect(labelIdentityOfText(seriesText(set))).toBe(identity(set));
    }),
  );
});

test.each([
  ['a\nb', 'a\\nb'],
  ['a"b', 'a\\"b'],
  ['a\\b', 'a\\\\b'],
  ['a\\n', 'a\\\\n'],
  ['plain', 'plain'],
])('the value %j is written as %s, and read back', (text, escaped) => {
  expect(escapeLabelValue(text)).toBe(escaped);
  expect(parseLabelText(labelText({ op: text }))).toEqual({ op: text });
});

test('a number and its text are the same label value', () => {
  expect(labelIdentity([['code', 200]])).toBe(labelIdentity([['code', '200']]));
});

test('the labels of a series are read back from its text, sorted by name and well-formed', () => {
  fc.assert(
    fc.property(labels, (set) => {
      const read = parseLabelText(seriesText(set));
      expect(Object.keys(read)).toEqual(Object.keys(set).toSorted());
      const wellFormed = Object.entries(set).map(([key, text]) => [key, text.toWellFormed()]);
      expect(read).toEqual(Object.fromEntries(wellFormed));
    }),
  );
});
