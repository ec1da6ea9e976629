import { describe, expect, it } from 'vitest';

import type { MethodRow } from '../../../../src/tools/page/browser/protocol';
import { nextSort, sortRows, TROUBLE } from '../../../../src/tools/page/browser/sort';
import { rowOf as row } from './row-of';

const namesOf = (rows: readonly MethodRow[]) => rows.map(({ method }) => method);

describe('the order of methods', () => {
  it('missed objectives come first, then failures per second, then calls that hang, then slow methods', () => {
    const rows = [
      row('unknown', { badRatio: null, badRate: null }),
      row('fast', { p99: 0.1 }),
      row('slow', { p99: 2 }),
      row('idle'),
      row('over its bound', { p99: 0.3, latencyBound: 0.1 }),
      row('within its bound', { p99: 5, latencyBound: 10 }),
      row('hanging', { oldest: 7, hangAge: 2 }),
      row('hanging for longer', { oldest: 9, hangAge: 2 }),
      row('waiting', { oldest: 1, hangAge: 2, p99: 0.01 }),
      row('failing often', { badRatio: 0.01, badRate: 4 }),
      row('failing rarely', { badRatio: 0.5, badRate: 0.1 }),
      row('failing as declared', { failedRatio: 0.5, failedRate: 9, p99: 0.02 }),
      row('failing without kinds', { badRatio: null, badRate: null, failedRate: 1 }),
      row('missing', { badRate: 0.1, budget: -0.5 }),
      row('missing by more', { budget: -2 }),
      row('meeting', { budget: 0 }),
    ];
    expect(namesOf(sortRows(rows, TROUBLE))).toEqual([
      'missing by more',
      'missing',
      'failing often',
      'failing without kinds',
      'failing rarely',
      'hanging for longer',
      'hanging',
      'over its bound',
      'within its bound',
      'slow',
      'fast',
      'failing as declared',
      'waiting',
      'idle',
      'meeting',
      'unknown',
    ]);
  });

  it('methods without a value come last in both directions, and equal values are sorted by name', () => {
    const rows = [row('c', { p50: 1 }), row('none'), row('b', { p50: 2 }), row('a', { p50: 1 })];
    expect(namesOf(sortRows(rows, { key: 'p50', direction: 'ascending' }))).toEqual([
      'a',
      'c',
      'b',
      'none',
    ]);
    expect(namesOf(sortRows(rows, { key: 'p50', direction: 'descending' }))).toEqual([
      'b',
      'a',
      'c',
      'none',
    ]);
  });

  it('a second click on a column reverses the order', () => {
    const first = nextSort(TROUBLE, 'rate');
    expect(first).toEqual({ key: 'rate', direction: 'descending' });
    expect(nextSort(first, 'rate')).toEqual({ key: 'rate', direction: 'ascending' });
    expect(nextSort(first, 'method')).toEqual({ key: 'method', direction: 'ascending' });
  });
});
