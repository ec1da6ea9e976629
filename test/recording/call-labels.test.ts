import { describe, expect, test } from 'vitest';

import { CallDetails } from '../../src/recording/call';
import { CallLabels } from '../../src/recording/call-labels';
import { Cells } from './plan-of';

const call = (...args: unknown[]) => new CallDetails(args, 'add', 'Calculator');

describe.each([
  ['one label', [(each: CallDetails) => String(each.args[0])]],
  [
    'several labels',
    [(each: CallDetails) => String(each.args[0]), (each: CallDetails) => String(each.args[1])],
  ],
])('CallLabels with %s', (_title, functions) => {
  test('calls with the same values write to the same cell', () => {
    const labels = new CallLabels(functions);
    const cells = new Cells(() => ({ value: 0 }));
    labels.requests = cells.source;
    for (const args of [
      ['x', 'y'],
      ['z', 'y'],
      ['x', 'y'],
      ['x', 'y'],
    ]) {
      labels.requestsOf(labels.row(call(...args), null)).value++;
    }
    expect([...cells.byValues.values()].map(({ value }) => value)).toEqual([3, 1]);
    expect(cells.asked).toBe(2);
  });

  test('a cell that is not to be kept is looked up for each call', () => {
    const labels = new CallLabels(functions);
    const cells = new Cells(() => ({ value: 0 }), false);
    labels.requests = cells.source;
    for (let i = 0; i < 3; i++) labels.requestsOf(labels.row(call('x', 'y'), null)).value++;
    expect(cells.asked).toBe(3);
    expect([...cells.byValues.values()]).toEqual([{ value: 3 }]);
  });

  test('a call that settles with the labels it arrived with has the same row', () => {
    const labels = new CallLabels(functions);
    const cells = new Cells(() => ({ value: 0 }));
    labels.requests = cells.source;
    const arrived = labels.row(call('x', 'y'), null);
    labels.requestsOf(arrived);
    expect(labels.row(call('x', 'y'), arrived)).toBe(arrived);
    expect(labels.row(call('other', 'y'), arrived)).not.toBe(arrived);
  });
});
