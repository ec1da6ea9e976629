import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import type { FamilyView } from '../../../src/metrics/family';
import type { HistogramCell } from '../../../src/metrics/histogram-cell';
import { SummaryCell } from '../../../src/metrics/summary-cell';
import { currentRuntime } from '../../../src/runtime/runtime';
import { configureMetrics } from '../../../src/index';
import type { EncodedFamily } from '../../../src/scrape/workers/encoded-family';
import { encodeCell } from '../../../src/scrape/workers/encoded-cell';
import { FamilySum } from '../../../src/scrape/workers/family-sum';

const reports: unknown[] = [];
beforeEach(() => {
  reports.length = 0;
  configureMetrics({ registry: new Registry(), onError: (_error, site) => reports.push(site) });
});

const family: EncodedFamily = {
  name: 'own_total',
  type: 'counter',
  help: 'x',
  aggregator: 'sum',
  points: [],
  series: [['a="1"', [2, null, 5]]],
};
const histogram = { ...family, name: 'own_seconds', type: 'histogram', points: [1, 2] };

function valuesOf(sum: FamilySum): [string, unknown][] {
  return sum
    .families()
    .flatMap((summed) =>
      [...summed.shown()].map(({ text, cell }): [string, unknown] => [
        text,
        'value' in cell ? cell.value : cell,
      ]),
    );
}

describe('FamilySum', () => {
  it.each([
    'no JSON',
    'null',
    '{}',
    '[null]',
    '[[]]',
    JSON.stringify([{ ...family, type: 'untyped' }]),
    JSON.stringify([{ ...family, type: '__proto__' }]),
    JSON.stringify([{ ...family, aggregator: 'average' }]),
    JSON.stringify([{ ...family, series: {} }]),
    JSON.stringify([{ ...family, name: 3 }]),
    JSON.stringify([{ ...family, help: 3 }]),
    JSON.stringify([{ ...family, points: {} }]),
    JSON.stringify([{ ...family, labelNames: null }]),
    JSON.stringify([{ ...family, labelNames: 'service' }]),
    JSON.stringify([{ ...family, labelNames: null, series: [] }]),
    JSON.stringify([{ ...family, name: 'second_total' }, {}]),
    JSON.stringify([3]),
    JSON.stringify([{ ...family, series: [null] }]),
    JSON.stringify([{ ...family, series: [['a="1"']] }]),
    JSON.stringify([{ ...histogram, series: [['a="1"', [1, [1, 2], null, []]]] }]),
    JSON.stringify([{ ...histogram, series: [['a="1"', [1]]] }]),
  ])('a malformed report is left out and reported: %s', (body) => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    sum.addBody(JSON.stringify([family]));
    sum.addBody(body);
    sum.addBody(JSON.stringify([family]));
    expect(valuesOf(sum)).toEqual([['a="1"', 4]]);
    for (const { registeredName } of sum.families()) expect(registeredName).toMatch(/^own_/);
    expect(reports).toEqual(['worker']);
  });

  it('a report may have the greatest of gauges, and names of labels', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    for (const value of [3, 7, 2]) {
      const series = [['a="1"', [value]]];
      const labelNames = { thrift_service: 'svc' };
      const sent = { ...family, type: 'gauge', aggregator: 'max', labelNames, series };
      sum.addBody(JSON.stringify([sent]));
    }
    expect(valuesOf(sum)).toEqual([['a="1"', 7]]);
    expect(sum.labelNames.mapping).toEqual({ thrift_service: 'svc' });
    expect(reports).toEqual([]);
  });

  it('label texts with the same labels are one series', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    const texts = ['a="1",b="2"', 'b="2",a="1"', 'a="1",c="",b="2"'];
    for (const text of texts) sum.add({ ...family, series: [[text, [1, null, 5]]] });
    for (const text of ['a="1,b=\\"2\\""', 'a="1"', 'b="2"', '', 'a="",b=""']) {
      sum.add({ ...family, series: [[text, [10, null, 5]]] });
    }
    expect(valuesOf(sum)).toEqual([
      ['a="1",b="2"', 3],
      ['a="1,b=\\"2\\""', 10],
      ['a="1"', 10],
      ['b="2"', 10],
      ['', 20],
    ]);
  });

  it('a sum copies the values that are added to it and leaves them unchanged', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    const counts = [1, 2, 3];
    const given = { ...histogram, series: [['a="1"', [6, counts, null, [], 5]]] } as EncodedFamily;
    sum.add(given);
    counts[0] = 100;
    const countsInSum = () =>
      sum
        .families()
        .flatMap((each) => [...each.shown()].map(({ cell }) => (cell as HistogramCell).counts()));
    expect(countsInSum()).toEqual([[1, 2, 3]]);
    sum.add(given);
    expect(countsInSum()).toEqual([[101, 4, 6]]);
    expect(counts).toEqual([100, 2, 3]);
  });

  it.each([
    ['max', 7],
    ['sum', 12],
  ] as const)('gauges with the aggregator %s become %i', (aggregator, expected) => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    for (const value of [3, 7, 2]) {
      sum.add({ ...family, type: 'gauge', aggregator, series: [['a="1"', [value, null, 5]]] });
    }
    expect(valuesOf(sum)).toEqual([['a="1"', expected]]);
  });

  it('a name with two types keeps the values of the first type and is reported once', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    sum.add(family);
    for (let times = 0; times < 2; times++) {
      sum.add({ ...family, type: 'gauge', series: [['a="1"', [5, null, 5]]] });
    }
    expect(valuesOf(sum)).toEqual([['a="1"', 2]]);
    expect(reports).toEqual(['sum:own_total']);
  });

  it('a conflict of types names both, and what to do has a code', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    const errors: unknown[] = [];
    configureMetrics({ registry: new Registry(), onError: (error) => errors.push(error) });
    sum.add(family);
    sum.add({ ...family, type: 'gauge', series: [] });
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'TM_ERR_TYPE_CONFLICT',
        message: expect.stringMatching(/'own_total' is a counter .* a gauge in another/) as string,
      }),
    ]);
  });

  it('families that are not wanted are left out', () => {
    const sum = new FamilySum(currentRuntime().faults, ({ name }) => name !== 'own_total');
    sum.add(family);
    sum.add({ ...family, name: 'other_total' });
    expect(sum.families().map(({ registeredName }) => registeredName)).toEqual(['other_total']);
  });

  it('the names of labels are those of the first process that renames any', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    expect(sum.labelNames.isDefault).toBe(true);
    sum.add(family);
    expect(sum.labelNames.isDefault).toBe(true);
    for (const name of ['service', 'svc']) {
      sum.add({ ...family, labelNames: { thrift_service: name } });
    }
    expect(sum.labelNames.mapping).toEqual({ thrift_service: 'service' });
  });

  it("a user's metric with the name of a family is refused, and reported once", () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    sum.add(family);
    expect(sum.refuseUserMetric('user_total')).toBe(false);
    expect(reports).toEqual([]);
    expect([sum.refuseUserMetric('own_total'), sum.refuseUserMetric('own_total')]).toEqual([
      true,
      true,
    ]);
    expect(reports).toEqual(['sum:own_total']);
  });

  it('a sum can forget the windows of summaries, and keeps their counts and everything else', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    const summary = new SummaryCell([0.5]);
    for (const value of [1, 2, 3]) summary.observe(value);
    const series = [['a="1"', encodeCell('summary', summary)]];
    sum.add({
      ...family,
      name: 'own_ages',
      type: 'summary',
      points: [0.5],
      series,
    } as unknown as EncodedFamily);
    sum.add(family);
    sum.forgetWindows();
    const [ages, total] = sum.families();
    const cell = [...(ages as FamilyView).shown()][0]?.cell as SummaryCell;
    expect([cell.count, cell.sum]).toEqual([3, 6]);
    expect(cell.values()).toEqual([NaN]);
    expect(total?.size).toBe(1);
    expect(valuesOf(sum).at(-1)).toEqual(['a="1"', 2]);
  });

  it('summaries and counters of several processes are added', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    const summary = new SummaryCell([0.5]);
    summary.observe(4);
    const series = [['a="1"', encodeCell('summary', summary)]];
    const encoded = { ...family, name: 'own_ages', type: 'summary', points: [0.5], series };
    for (let i = 0; i < 2; i++) sum.add(encoded as unknown as EncodedFamily);
    const exemplar = [{ trace_id: 'a' }, 1, 1_700_000_000] as const;
    sum.add(family);
    sum.add({ ...family, series: [['a="1"', [3, exemplar, 5]]] } as unknown as EncodedFamily);
    const [ages, total] = sum.families().map((each) => [...each.shown()][0]?.cell);
    expect(ages).toMatchObject({ count: 2, sum: 8 });
    expect(total).toMatchObject({ value: 5, exemplar: { labels: { trace_id: 'a' } } });
  });

  it('histograms with equal buckets share them, and others do not', () => {
    const sum = new FamilySum(currentRuntime().faults, () => true);
    const bounds = [[1, 2], [1, 2], [1, 3], [1], [1, 2, 3]];
    for (const [i, points] of bounds.entries()) {
      const counts = [...points, Infinity].map(() => 1);
      const series = [[`a="${i}"`, [6, counts, null, [], 5]]];
      sum.add({ ...histogram, points, series } as unknown as EncodedFamily);
    }
    const cells = [...(sum.families()[0] as FamilyView).shown()].map(
      ({ cell }) => cell as HistogramCell,
    );
    expect(cells.map((cell) => cell.bounds)).toEqual(bounds);
    expect(new Set(cells.map((cell) => cell.bounds)).size).toBe(4);
  });
});
