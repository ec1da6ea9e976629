import { describe, expect, test, vi } from 'vitest';

import { CallDetails } from '../../src/recording/call';
import { CallLabels, LabelTree, safeLabelFunction } from '../../src/recording/call-labels';
import { Cells } from './plan-of';

const call = (...args: unknown[]) => new CallDetails(args, 'add', 'Calculator');

describe('safeLabelFunction', () => {
  const wrong = new Error('not a label value');

  function safe(label: (call: { args: readonly unknown[] }) => unknown) {
    const report = vi.fn<(site: string, error: unknown) => void>();
    const safeLabel = safeLabelFunction(label, 'label:op', { report }, () => wrong);
    return { report, value: safeLabel(call('a', 'b')) };
  }

  test.each([
    ['text', 'text'],
    ['', ''],
    [7, '7'],
    [true, 'true'],
    [12n, '12'],
  ])('%o becomes the label value %o', (returned, value) => {
    const { report, value: actual } = safe(() => returned);
    expect(actual).toBe(value);
    expect(report).not.toHaveBeenCalled();
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['a promise', Promise.resolve('x')],
    ['a symbol', Symbol('x')],
  ])('%s is reported and becomes _unknown', (_title, returned) => {
    const { report, value } = safe(() => returned);
    expect(value).toBe('_unknown');
    expect(report.mock.calls).toEqual([['label:op', wrong]]);
  });

  test('an exception is reported and becomes _unknown', () => {
    const fault = new TypeError('x');
    const { report, value } = safe(() => {
      throw fault;
    });
    expect(value).toBe('_unknown');
    expect(report.mock.calls).toEqual([['label:op', fault]]);
  });

  test('the function receives the call', () => {
    expect(safe(({ args }) => args.join('+')).value).toBe('a+b');
  });
});

describe('LabelTree', () => {
  test('a tree finds a leaf only by exactly its values', () => {
    const tree = new LabelTree<string>();
    tree.set(['a', 'b'], 'leaf');
    expect(tree.get(['a', 'b'])).toBe('leaf');
    for (const values of [
      ['b', 'a'],
      ['a', ''],
      ['ab', ''],
      ['', 'ab'],
      ['x', 'b'],
    ]) {
      expect(tree.get(values)).toBeUndefined();
    }
  });

  test('combinations with the same concatenation are different leaves', () => {
    const tree = new LabelTree<number>();
    const combinations = [
      ['a', 'b c'],
      ['a b', 'c'],
      ['', 'a b c'],
      ['a', '__proto__'],
      ['__proto__', 'a'],
    ];
    for (const [index, values] of combinations.entries()) tree.set(values, index);
    for (const [index, values] of combinations.entries()) expect(tree.get(values)).toBe(index);
  });
});

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
