import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import type { HistogramCell } from '../../../src/metrics/histogram-cell';
import { currentRuntime } from '../../../src/runtime/runtime';
import { configureMetrics } from '../../../src/index';
import type { EncodedFamily } from '../../../src/scrape/workers/encoded-family';
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
    expect(reports).toEqual(['worker']);
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
});
