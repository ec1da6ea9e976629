import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  Instrumented,
  resetMetrics,
  Timed,
} from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { History } from '../../../src/tools/page/history';
import type { LabelBreakdown } from '../../../src/tools/page/browser/protocol';
import { breakdownsIn } from '../../../src/tools/page/label-breakdown';
import { MAX_LABEL_VALUES } from '../../../src/tools/page/label-history';
import { methodKey } from '../../../src/tools/page/method-reader';
import { createWindow } from '../../../src/tools/page/timeline';

@Instrumented({
  service: 'Shop',
  labels: { shop: 'north', tier: ({ args }) => String(args[0]) },
})
class Shop {
  buy(_tier: string, fails = false): void {
    if (fails) throw new Error('x');
  }

  idle(_tier: string): void {}
}

class Partly {
  @Counted({ labels: { op: ({ args }) => String(args[0]) } })
  @Timed
  @ErrorsCounted
  run(_op: string): void {}

  @Timed({ labels: { size: ({ args }) => String(args[0]) } })
  weigh(_size: string, fails = false): void {
    if (fails) throw new Error('x');
  }
}

const shop = new Shop();
const partly = new Partly();
let history: History;
let time = 0;

beforeEach(() => {
  configureMetrics({ registry: new Registry(), rules: [], defaultLabels: {} });
  resetMetrics();
  history = new History(currentRuntime(), 451, 0);
  history.sample((time = 0));
});
afterEach(() => history.close());

function fail(run: () => void): void {
  expect(run).toThrow('x');
}

function breakdown(service: string, method: string, seconds = 60): LabelBreakdown[] {
  const { labels } = history.methods.get(methodKey(service, method))!;
  return breakdownsIn(labels, createWindow(history.timeline, seconds, null));
}

function valuesOf(found: readonly LabelBreakdown[], label: string) {
  return found.find((each) => each.label === label)?.values;
}

test('the calls of a method are split by each of its own labels, the most frequent value first', () => {
  for (let i = 0; i < 6; i++) shop.buy('gold', false);
  for (let i = 0; i < 8; i++) shop.buy('basic', false);
  for (let i = 0; i < 2; i++) fail(() => shop.buy('gold', true));
  shop.buy('basic');
  shop.buy('basic');
  history.sample((time += 2000));
  const found = breakdown('Shop', 'buy');
  expect(found.map(({ label }) => label)).toEqual(['shop', 'tier']);
  expect(valuesOf(found, 'tier')).toMatchObject([
    { value: 'basic', rate: 5, failedRatio: 0 },
    { value: 'gold', rate: 4, failedRatio: 0.25 },
  ]);
  expect(valuesOf(found, 'shop')).toMatchObject([{ value: 'north', rate: 9, failedRatio: 2 / 18 }]);
  for (const { mean } of valuesOf(found, 'tier') ?? []) expect(mean).toBeGreaterThan(0);
  expect(breakdown('Shop', 'idle')).toEqual([]);
});

test('a figure whose metric does not have the label is unknown, and one that has it is 0 without failures', () => {
  partly.run('read');
  partly.weigh('large');
  fail(() => partly.weigh('large', true));
  history.sample((time += 2000));
  expect(valuesOf(breakdown('Partly', 'run'), 'op')).toEqual([
    { value: 'read', rate: 0.5, failedRatio: null, mean: null },
  ]);
  expect(valuesOf(breakdown('Partly', 'weigh'), 'size')).toMatchObject([
    { value: 'large', rate: 1, failedRatio: 0.5 },
  ]);
});

test('a breakdown covers the window, and mean durations are those of the calls in it', () => {
  shop.buy('old');
  history.sample((time += 2000));
  for (let i = 0; i < 40; i++) history.sample((time += 2000));
  shop.buy('new');
  history.sample((time += 2000));
  const values = valuesOf(breakdown('Shop', 'buy'), 'tier');
  expect(values?.map(({ value }) => value)).toEqual(['new']);
  expect(values?.[0]?.mean).toBeLessThan(60);
});

test('values beyond the limit are counted together', () => {
  for (let i = 0; i < MAX_LABEL_VALUES + 30; i++) shop.buy(`t${i}`);
  history.sample((time += 2000));
  const found = breakdown('Shop', 'buy');
  expect(found.flatMap(({ values }) => values).length).toBeLessThanOrEqual(MAX_LABEL_VALUES + 2);
  const rates = valuesOf(found, 'tier')?.map(({ rate }) => rate ?? 0) ?? [];
  expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo((MAX_LABEL_VALUES + 30) / 2, 9);
  expect(valuesOf(found, 'tier')?.[0]).toMatchObject({ value: null });
});

test('a label that a rule drops is not shown', () => {
  shop.buy('gold');
  configureMetrics({ rules: [{ match: { service: 'Shop' }, labels: { drop: ['tier'] } }] });
  shop.buy('gold');
  history.sample((time += 2000));
  expect(breakdown('Shop', 'buy').map(({ label }) => label)).toEqual(['shop']);
});

test('default labels are not labels of a method, also in series that are summed over workers', () => {
  configureMetrics({ defaultLabels: { env: 'test' } });
  shop.buy('gold');
  history.sample((time += 2000));
  expect(breakdown('Shop', 'buy').map(({ label }) => label)).toEqual(['shop', 'tier']);
});
