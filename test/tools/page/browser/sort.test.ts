import { describe, expect, it } from 'vitest';

import type { MethodRow } from '../../../../src/tools/page/browser/protocol';
import { ATTENTION, matches, nextSort, sortRows } from '../../../../src/tools/page/browser/sort';

function row(method: string, figures: Partial<MethodRow> = {}): MethodRow {
  return {
    service: 'Calculator',
    method,
    rate: 1,
    failedRatio: 0,
    badRatio: 0,
    p50: null,
    p95: null,
    p99: null,
    highestBound: null,
    inFlight: 0,
    rates: [],
    inFlights: [],
    failedRatios: [],
    p99s: [],
    ...figures,
  };
}

const namesOf = (rows: readonly MethodRow[]) => rows.map(({ method }) => method);

describe('the order of methods', () => {
  it('failing methods come first, then the slowest, then those without data', () => {
    const rows = [
      row('unknown', { badRatio: null }),
      row('fast', { p99: 0.1 }),
      row('slow', { p99: 2 }),
      row('idle'),
      row('failing', { badRatio: 0.01, p99: 0.1 }),
      row('worse', { badRatio: 0.5, p99: 0.1 }),
    ];
    expect(namesOf(sortRows(rows, ATTENTION))).toEqual([
      'worse',
      'failing',
      'slow',
      'fast',
      'idle',
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
    const first = nextSort(ATTENTION, 'rate');
    expect(first).toEqual({ key: 'rate', direction: 'descending' });
    expect(nextSort(first, 'rate')).toEqual({ key: 'rate', direction: 'ascending' });
    expect(nextSort(first, 'method')).toEqual({ key: 'method', direction: 'ascending' });
  });
});

it('the filter matches names that contain all of its words, in any case', () => {
  const found = (filter: string) => matches(row('factorize'), filter);
  expect([found(''), found('FACT'), found('calc fact'), found('calculator.f')]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([found('add'), found('fact add')]).toEqual([false, false]);
});
