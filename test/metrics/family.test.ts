import { describe, expect, test } from 'vitest';

import { BucketSlabs } from '../../src/metrics/bucket-slab';
import { CounterCell, GaugeCell } from '../../src/metrics/cell';
import { Family, type CellOf, type CellType } from '../../src/metrics/family';
import { HistogramCell } from '../../src/metrics/histogram-cell';
import { InfoFamily } from '../../src/metrics/info-family';
import { hasLabel, type Labels } from '../../src/metrics/labels';
import { SummaryCell } from '../../src/metrics/summary-cell';
import { defaultSettings } from '../../src/runtime/settings';
import { createHistogram } from '../support/create-histogram';

const at = { location: 'CalculatorHandler.add' };

function create<T extends CellType>(type: T, defaultLabels: Labels = {}): Family<T> {
  return new Family('app_calls_total', 'calls_total', type, 'Calls.', at, {
    ...defaultSettings(),
    defaultLabels,
  });
}

function counted(value: number): CounterCell {
  const cell = new CounterCell();
  cell.value = value;
  return cell;
}

/** The samples of a family with one series, as the registry reads them. */
function samplesOf<T extends CellType>(type: T, cell: CellOf[T], defaultLabels: Labels = {}) {
  const family = create(type, defaultLabels);
  family.findOrCreate({ tier: 'gold' }, at, () => cell);
  return family.get().values;
}

describe('the series of a family', () => {
  test('the same labels in any order are one series, whose cell is created once', () => {
    const family = create('counter');
    const first = family.findOrCreate({ a: '1', b: '2' }, at, () => counted(1));
    const again = family.findOrCreate({ b: '2', a: '1', c: '' }, at, () => counted(2));
    const other = family.findOrCreate({ a: '1' }, at, () => counted(3));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect([...family.series()]).toEqual([first, other]);
    expect(family.size).toBe(2);
    expect(family.find({ b: '2', a: '1' })).toBe(first);
    expect(family.find({ b: '2' })).toBeUndefined();
  });

  test('a series without references has its labels, and those with an empty value in its text', () => {
    const series = create('counter').findOrCreate({ b: 'x"y', a: '' }, at, () => counted(1));
    expect(series.references).toBe(0);
    expect(series.declaredBy).toBe(at);
    expect(series.text).toBe('a="",b="x\\"y"');
    expect(series.labels).toEqual({ a: '', b: 'x"y' });
  });

  test('a series has a label by its whole name, not by the text of a value', () => {
    const series = create('counter').findOrCreate({ op: ',tier="gold"', user_op: 'x' }, at, () =>
      counted(1),
    );
    expect(['op', 'user_op'].map((name) => hasLabel(series.text, name))).toEqual([true, true]);
    expect(['tier', 'user', '_op', 'p', 'o'].map((name) => hasLabel(series.text, name))).toEqual(
      Array(5).fill(false),
    );
  });

  test('a histogram that is removed leaves its row to the next one, and no longer writes there', () => {
    const family = create('histogram');
    const slabs = new BucketSlabs();
    const shape = { bounds: [1], boundsInCode: null, nativeInCode: null };
    const add = (tier: string) =>
      family.findOrCreate({ tier }, at, () => new HistogramCell(shape, slabs));
    const removed = add('gold');
    const slab = slabs.withRoom(2);
    for (let i = 0; !slab.isFull; i++) add(`${i}`);
    family.remove(removed);
    const next = add('silver');
    expect(slabs.withRoom(2)).not.toBe(slab);
    for (const value of [0.5, 0.5]) removed.cell.observe(value);
    next.cell.observe(2);
    expect([removed.cell.counts(), next.cell.counts()]).toEqual([
      [2, 0],
      [0, 1],
    ]);
    expect([...slab.counts].reduce((sum, count) => sum + count)).toBe(1);
  });

  test('a series that is removed is gone, and its labels can be used again', () => {
    const family = create('counter');
    const labels = { tier: 'gold', op: '' };
    const series = family.findOrCreate(labels, at, () => counted(1));
    family.findOrCreate({ tier: 'free' }, at, () => counted(2));
    family.remove(series);
    expect(family.size).toBe(1);
    expect(family.find(labels)).toBeUndefined();
    expect(family.findOrCreate(labels, at, () => counted(3))).not.toBe(series);
  });

  test('a reset sets every series to 0', () => {
    const family = create('counter');
    const cells = [counted(1), counted(2)];
    for (const [i, cell] of cells.entries()) family.findOrCreate({ i: `${i}` }, at, () => cell);
    family.reset();
    expect(cells.map((cell) => cell.value)).toEqual([0, 0]);
  });
});

describe('what the registry reads', () => {
  test('the registry reads the name, help, type and aggregator of a family', () => {
    const family = create('counter');
    expect(family.get()).toEqual({
      name: 'app_calls_total',
      help: 'Calls.',
      type: 'counter',
      aggregator: 'sum',
      values: [],
    });
    family.rename('other_calls_total');
    expect(family.get().name).toBe('other_calls_total');
    expect(family.registeredName).toBe('other_calls_total');
    // In OpenMetrics mode, the client library changes the name while it reads.
    family.name = 'other_calls';
    expect(family.get().name).toBe('other_calls');
    expect(family.registeredName).toBe('other_calls_total');
  });

  test('a counter and a gauge are one sample each', () => {
    const gauge = new GaugeCell();
    gauge.value = 4;
    expect(samplesOf('counter', counted(3))).toEqual([{ labels: { tier: 'gold' }, value: 3 }]);
    expect(samplesOf('gauge', gauge)).toEqual([{ labels: { tier: 'gold' }, value: 4 }]);
  });

  test('a histogram has cumulative buckets, a sum and a count', () => {
    const cell = createHistogram([1, 2]);
    for (const value of [0.5, 1.5, 1.75, 9]) cell.observe(value);
    const labels = { tier: 'gold' };
    const [bucket, sum, count] = ['bucket', 'sum', 'count'].map((end) => `app_calls_total_${end}`);
    expect(samplesOf('histogram', cell)).toEqual([
      { metricName: bucket, labels: { le: 1, ...labels }, value: 1 },
      { metricName: bucket, labels: { le: 2, ...labels }, value: 3 },
      { metricName: bucket, labels: { le: '+Inf', ...labels }, value: 4 },
      { metricName: sum, labels, value: 12.75 },
      { metricName: count, labels, value: 4 },
    ]);
  });

  test('a summary has quantiles, a sum and a count', () => {
    const cell = new SummaryCell([0.5, 0.9]);
    const labels = { tier: 'gold' };
    expect(samplesOf('summary', cell)).toEqual([
      { labels: { quantile: 0.5, ...labels }, value: 0 },
      { labels: { quantile: 0.9, ...labels }, value: 0 },
      { metricName: 'app_calls_total_sum', labels, value: 0 },
      { metricName: 'app_calls_total_count', labels, value: 0 },
    ]);
  });

  test('default labels come after those of the series, which win', () => {
    const [sample] = samplesOf('counter', counted(1), { zone: 'b', tier: 'default' });
    expect(Object.entries(sample?.labels ?? {})).toEqual([
      ['tier', 'gold'],
      ['zone', 'b'],
    ]);
  });
});

describe('an info family', () => {
  const infoOf = (labels: () => Labels) =>
    new InfoFamily('app_info', 'info', 'Versions.', at, defaultSettings(), labels);

  test('an info family has one series at 1, with the labels of the moment', () => {
    let version = '';
    const family = infoOf(() => ({ version }));
    expect(family.size).toBe(1);
    expect(family.get()).toMatchObject({
      type: 'gauge',
      aggregator: 'max',
      values: [{ labels: { version: '' }, value: 1 }],
    });
    version = '1.0';
    expect([...family.series()].map(({ text }) => text)).toEqual(['version="1.0"']);
    expect(family.get().values).toEqual([{ labels: { version: '1.0' }, value: 1 }]);
    expect([...family.series()].map(({ text }) => text)).toEqual(['version="1.0"']);
  });

  test('an info family is 0 after a reset until it is restored', () => {
    const family = infoOf(() => ({ version: '1.0' }));
    family.reset();
    expect(family.get().values).toEqual([{ labels: { version: '1.0' }, value: 0 }]);
    family.restore();
    expect(family.get().values).toEqual([{ labels: { version: '1.0' }, value: 1 }]);
  });
});
