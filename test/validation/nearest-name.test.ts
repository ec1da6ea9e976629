import { expect, test } from 'vitest';

import { nearestName } from '../../src/validation/nearest-name';

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

test('the first of several equally near names counts', () => {
  expect(nearestName('cort', ['fort', 'port'])).toBe('fort');
});
