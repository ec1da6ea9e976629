import { expect, test } from 'vitest';

import * as split from '../../src/index';
import { loadPackages } from './packages';

test('the exports are split between two copies of the package, and none is missing', () => {
  const { first, second } = loadPackages('copies');
  const names = Object.keys(first).toSorted();
  expect(Object.keys(split).toSorted()).toEqual(names);
  const count = (copy: object) =>
    names.filter((name) => Reflect.get(split, name) === Reflect.get(copy, name)).length;
  expect(count(first)).toBeGreaterThan(0);
  expect(count(first)).toBeLessThan(names.length);
  expect(Object.keys(second).toSorted()).toEqual(names);
  for (const name of names) expect(Reflect.get(first, name)).not.toBe(Reflect.get(second, name));
});
