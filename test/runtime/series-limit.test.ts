import { expect, test } from 'vitest';

import { CounterCell } from '../../src/metrics/cell';
import { type CellOf, type CellType, Family } from '../../src/metrics/family';
import { HistogramStore } from '../../src/metrics/histogram-store';
import type { SeriesPolicy } from '../../src/metrics/series-policy';
import { LabelTree } from '../../src/recording/label-tree';
import { currentRuntime } from '../../src/runtime/runtime';
import { defaultSettings } from '../../src/runtime/settings';
import { createHistogram } from '../support/create-histogram';

const at = { location: 'ShopHandler.buy' };

/** Excludes the series of one method. */
const policy: SeriesPolicy = {
  mayDrop: () => false,
  rulingOf: (_family, { thrift_method: method }) => ({
    isExcluded: method === 'hidden',
    dropped: [],
    buckets: null,
    native: null,
  }),
};

/** The cells of calls of two methods, of which one is excluded, and how many cells were created for them. */
function cellsOf<T extends CellType>(type: T, create: () => CellOf[T]) {
  const family = new Family('app_x', 'x', type, 'X.', at, { ...defaultSettings(), policy });
  let created = 0;
  const cells = ['shown', 'hidden', 'hidden', 'shown', 'hidden'].map((method, i) => {
    const constant = { thrift_method: method };
    const variable = family.variable(constant, ['tenant'], at, new LabelTree());
    const values = [method === 'hidden' ? `${i}` : 'acme'];
    return currentRuntime().seriesLimit.cellOf(family, variable, values, () => {
      created++;
      return create();
    });
  });
  return { family, cells, created };
}

test('the excluded series of a histogram share one cell, which is not a series', () => {
  const store = new HistogramStore();
  const { family, cells, created } = cellsOf('histogram', () => createHistogram([1], store));
  for (const { cell } of cells) cell.observe(1);
  expect(created).toBe(2);
  expect(cells.map(({ kept }) => kept)).toEqual([true, false, false, true, false]);
  expect([...family.all()].map(({ text, cell }) => [text, cell.count()])).toEqual([
    ['tenant="acme",thrift_method="shown"', 2],
  ]);
});

test('excluded series of a counter have cells of their own, so that what an error said does not stay', () => {
  const { family, cells } = cellsOf('counter', () => new CounterCell());
  expect(new Set(cells.map(({ cell }) => cell)).size).toBe(4);
  expect(family.size).toBe(1);
});
