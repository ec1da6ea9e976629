import { expect, test } from 'vitest';

import { nearestName, nearestNameHint } from '../../src/validation/nearest-name';

const NAMES = ['enabled', 'buckets', 'prefix', 'port', 'path'] as const;

test.each([
  ['enabeld', 'enabled'],
  ['ENABLED', 'enabled'],
  ['bucket', 'buckets'],
  ['preffix', 'prefix'],
  ['prot', 'port'],
  ['pat', 'path'],
  ['perfix', 'prefix'],
  ['', null],
  ['x', null],
  ['unrelated', null],
  ['po', null],
])('the nearest name to %j is %j', (wrong, nearest) => {
  expect(nearestName(wrong, NAMES)).toBe(nearest);
});

test('a hint names the nearest name, and is empty without one', () => {
  expect(nearestNameHint('prot', NAMES)).toBe(" Did you mean 'port'?");
  expect(nearestNameHint('unrelated', NAMES)).toBe('');
});

test('of several names that are equally near, the first one is the nearest', () => {
  expect(nearestName('cort', ['fort', 'port'])).toBe('fort');
});
