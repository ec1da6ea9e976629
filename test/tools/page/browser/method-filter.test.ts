import { expect, it } from 'vitest';

import { isShown, matches } from '../../../../src/tools/page/browser/method-filter';
import { rowOf } from './row-of';

it('the filter matches names that contain all of its words, in any case', () => {
  const found = (filter: string) => matches(rowOf('factorize'), filter);
  expect([found(''), found('FACT'), found('calc fact'), found('calculator.f')]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([found('add'), found('fact add')]).toEqual([false, false]);
});

it('a method is idle if it has no calls and none in flight', () => {
  const rows = [
    rowOf('busy'),
    rowOf('idle', { rate: 0 }),
    rowOf('stuck', { rate: 0, inFlight: 1 }),
  ];
  const shown = rows.filter((row) =>
    isShown(row, { filter: '', hidesIdle: true, onlyFailing: false }),
  );
  expect(shown.map(({ method }) => method)).toEqual(['busy', 'stuck']);
});

it('failing methods are those in trouble, and those with any failed call', () => {
  const rows = [
    rowOf('good'),
    rowOf('bad', { badRatio: 0.1 }),
    rowOf('declared', { failedRatio: 0.1 }),
    rowOf('hanging', { oldest: 90 }),
    rowOf('missing', { budget: -1 }),
  ];
  const shown = rows.filter((row) =>
    isShown(row, { filter: '', hidesIdle: false, onlyFailing: true }),
  );
  expect(shown.map(({ method }) => method)).toEqual(['bad', 'declared', 'hanging', 'missing']);
});
