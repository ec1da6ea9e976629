import { describe, expect, test } from 'vitest';

import { CounterCell } from '../../src/metrics/cell';
import { CallDetails } from '../../src/recording/call';
import { CallLabels } from '../../src/recording/call-labels';
import { createHistogram } from '../support/create-histogram';
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
    const values = [...cells.byValues].map(([key, { value }]) => [key.split(' ')[0], value]);
    expect(Object.fromEntries(values)).toEqual({ x: 3, z: 1 });
    expect(cells.asked).toBe(2);
  });

  test('each metric finds its cell once for the same values', () => {
    const labels = new CallLabels(functions);
    const cells = new Cells(() => ({ value: 0, generation: 0, observe() {}, observeSince() {} }));
    const { source } = cells;
    Object.assign(labels, {
      requests: source,
      inFlight: source,
      succeeded: source,
      failed: source,
    });
    for (let i = 0; i < 3; i++) {
      const row = labels.row(call('x', 'y'), null);
      labels.requestsOf(row);
      labels.inFlightOf(row);
      labels.succeededOf(row);
      labels.failedOf(row);
    }
    expect(cells.asked).toBe(4);
  });

  test('values that the caller has computed lead to the row of a call with these values', () => {
    const labels = new CallLabels(functions);
    const cells = new Cells(() => ({ value: 0 }));
    labels.requests = cells.source;
    const arrived = labels.row(call('x', 'y'), null);
    labels.requestsOf(arrived);
    expect(labels.rowOf(functions.map((label) => label(call('x', 'y'))))).toBe(arrived);
    const other = functions.length === 1 ? ['z'] : ['x', 'z'];
    expect(labels.rowOf(other)).not.toBe(arrived);
    expect(labels.requestsOf(labels.rowOf(other))).not.toBe(labels.requestsOf(arrived));
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

test('calls that differ in any of several labels write to different cells', () => {
  const labels = new CallLabels([
    (each: CallDetails) => String(each.args[0]),
    (each: CallDetails) => String(each.args[1]),
  ]);
  const cells = new Cells(() => ({ value: 0 }));
  labels.requests = cells.source;
  for (const args of [
    ['x', 'y'],
    ['x', 'z'],
    ['x', 'y'],
  ]) {
    labels.requestsOf(labels.row(call(...args), null)).value++;
  }
  expect(Object.fromEntries(cells.byValues)).toEqual({ 'x y': { value: 2 }, 'x z': { value: 1 } });
});

test('a row that another metric arrived with is not used, even if it has the same value', () => {
  const label = (each: CallDetails) => String(each.args[0]);
  const arrived = new CallLabels([label]).row(call('x'), null);
  const labels = new CallLabels([label]);
  const settled = labels.row(call('x'), arrived);
  expect(settled).not.toBe(arrived);
  expect(settled.labels).toBe(labels);
});

test('a call with one label settles in the row it arrived with, even past the series limit', () => {
  const labels = new CallLabels([(each: CallDetails) => String(each.args[0])]);
  labels.requests = new Cells(() => ({ value: 0 }), false).source;
  const arrived = labels.row(call('x'), null);
  labels.requestsOf(arrived);
  expect(labels.row(call('x'), arrived)).toBe(arrived);
});

describe('the column of a metric', () => {
  const labels = (): CallLabels => new CallLabels([(each) => String(each.args[0])]);

  test('the column of a metric has its cells by their values', () => {
    const rows = labels();
    const requests = new CounterCell();
    const failed = createHistogram([1]);
    rows.column<'counter'>('requests').set(['x'], requests);
    rows.column<'histogram'>('failed').set(['y'], failed);
    expect([...rows.column('requests').entries()]).toEqual([[['x'], requests]]);
    expect([...rows.column('failed').entries()]).toEqual([[['y'], failed]]);
    expect([...rows.column('succeeded').entries()]).toEqual([]);
    expect(rows.column('requests').get(['x'])).toBe(requests);
    expect(rows.column('requests').get(['y'])).toBeUndefined();
    expect(rows.requestsOf(rows.row(call('x'), null))).toBe(requests);
  });

  test('the column of a metric has the cells of several labels', () => {
    const rows = new CallLabels([() => '', () => '']);
    const cell = new CounterCell();
    rows.column<'counter'>('requests').set(['x', 'y'], cell);
    expect([...rows.column('requests').entries()]).toEqual([[['x', 'y'], cell]]);
  });

  test('a column keeps every cell although a call holds an older row of the same values', () => {
    const rows = labels();
    const column = rows.column<'counter'>('requests');
    const cells = { requests: new CounterCell(), succeeded: createHistogram([1]) };
    rows.succeeded = () => ({ cell: cells.succeeded, kept: true });
    const before = rows.row(call('x'), null);
    column.set(['x'], cells.requests);
    expect(rows.succeededOf(before)).toBe(cells.succeeded);
    expect([...column.entries()]).toEqual([[['x'], cells.requests]]);
    expect([...rows.column('succeeded').entries()]).toEqual([[['x'], cells.succeeded]]);
  });
});
