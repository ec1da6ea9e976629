import { expect, it } from 'vitest';

import { announcementOf } from '../../../../src/tools/page/browser/announcement-text';
import { troublesOf } from '../../../../src/tools/page/browser/trouble';
import { rowOf } from './row-of';

const hanging = rowOf('wait', { oldest: 75, hangAge: 60 });
const failing = rowOf('divide', { badRatio: 0.25, badRate: 0.05, failedRatio: 0.25 });
const missing = rowOf('add', { budget: -0.5, badRatio: 0.01, badRate: 2 });
const unknown = rowOf('log', { badRatio: null, badRate: null, failedRatio: 0.5, failedRate: 0.5 });
const keysOf = (...rows: (typeof hanging)[]) => new Set(troublesOf(rows).map(({ key }) => key));

it('an announcement says what is wrong with each method that got into trouble', () => {
  const troubles = troublesOf([hanging, failing, missing, unknown, rowOf('good')]);
  expect(troubles.map(({ text }) => text)).toEqual([
    'misses its objective, budget -50 %; 1 % of calls bad, 2/s',
    '50 % of calls failed, 30/min',
    '25 % of calls bad, 3/min',
    'a call has been running for 75 s',
  ]);
  expect(announcementOf(keysOf(missing), troubles.slice(0, 3))).toBe(
    'In trouble: Calculator.log: 50 % of calls failed, 30/min. ' +
      'Calculator.divide: 25 % of calls bad, 3/min',
  );
  expect(announcementOf(new Set(), troubles)).toMatch(/\. And 1 more$/);
});

it('nothing is announced for the first state, for methods that stay in trouble, or while others are still in trouble', () => {
  const troubles = troublesOf([hanging, failing]);
  expect(announcementOf(null, troubles)).toBeNull();
  expect(announcementOf(keysOf(hanging, failing), troubles)).toBeNull();
  expect(announcementOf(keysOf(hanging, failing), troublesOf([failing]))).toBeNull();
  expect(announcementOf(new Set(), [])).toBeNull();
  expect(announcementOf(keysOf(failing), [])).toBe('Nothing is in trouble any more');
});
