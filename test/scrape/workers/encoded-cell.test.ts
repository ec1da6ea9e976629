import { BUILT_IN_NAMES, LabelNames } from '../../../src/metrics/label-names';
import { defaultSettings } from '../../../src/runtime/settings';
import { describe, expect, test } from 'vitest';

import { CounterCell, GaugeCell } from '../../../src/metrics/cell';
import type { Exemplar } from '../../../src/metrics/exemplar';
import { Family, type CellOf, type CellType } from '../../../src/metrics/family';
import { HistogramStore } from '../../../src/metrics/histogram-store';
import { NativeBuckets } from '../../../src/metrics/native-buckets';
import { SummaryCell } from '../../../src/metrics/summary-cell';
import { decodeCell, encodeCell } from '../../../src/scrape/workers/encoded-cell';
import { encodeFamilies, type EncodedFamily } from '../../../src/scrape/workers/encoded-family';
import { createHistogram } from '../../support/create-histogram';

/** What another process makes of a cell. */
function sent<T extends CellType>(type: T, cell: CellOf[T], points: readonly number[] = []) {
  const encoded = JSON.parse(JSON.stringify(encodeCell(type, cell))) as ReturnType<
    typeof encodeCell<T>
  >;
  return decodeCell(type, encoded, points, new HistogramStore());
}

const exemplar: Exemplar = { labels: { trace_id: 'a' }, value: 0.5, timestamp: 1_700_000_000.25 };

describe('a cell that a worker sends', () => {
  test.each([0, 3, -1.5, NaN, Infinity, -Infinity])(
    'a counter and a gauge of %d keep their values',
    (value) => {
      const counter = new CounterCell();
      counter.value = value;
      counter.startedAt = -5_000;
      const gauge = new GaugeCell();
      gauge.value = value;
      expect(sent('counter', counter)).toEqual(counter);
      expect(sent('gauge', gauge)).toEqual(gauge);
    },
  );

  test('a counter keeps its exemplar', () => {
    const counter = new CounterCell();
    counter.exemplar = { ...exemplar, value: Infinity };
    expect(sent('counter', counter)).toEqual(counter);
  });

  test('a counter keeps what an error said, unless none was read', () => {
    const counter = new CounterCell();
    const sample = { message: 'no', stack: 'at add', time: 1_700_000_000_000, process: '7' };
    counter.sample = { ...sample, due: 123 };
    expect(sent('counter', counter).sample).toEqual({ ...sample, due: 0 });
    counter.sample = { ...sample, time: 0, due: 123 };
    expect(sent('counter', counter).sample).toBeNull();
  });

  test('a histogram keeps its counts, which it does not share with the sender', () => {
    const cell = createHistogram([1, 2]);
    for (const value of [0.5, 3, 4]) cell.observe(value);
    cell.startedAt = -5_000;
    const encoded = encodeCell('histogram', cell);
    const decoded = decodeCell('histogram', encoded, [1, 2], new HistogramStore());
    cell.observe(0.5);
    expect([decoded.bounds, decoded.counts(), decoded.sum, decoded.startedAt]).toEqual([
      [1, 2],
      [1, 0, 2],
      7.5,
      -5_000,
    ]);
    expect([decoded.native, decoded.exemplars]).toEqual([null, null]);
  });

  test('a histogram keeps its native buckets and exemplars', () => {
    const cell = createHistogram([1, 2]);
    const native = new NativeBuckets(1, 160);
    cell.native = native;
    for (const value of [0, 0.5, 3, Infinity]) cell.observe(value);
    cell.exemplars = [undefined, exemplar, { ...exemplar, value: Infinity }];
    const decoded = sent('histogram', cell, [1, 2]);
    expect(decoded.sum).toBe(Infinity);
    expect([decoded.exemplars?.[0], decoded.exemplars?.[1], decoded.exemplars?.[2]]).toEqual(
      cell.exemplars,
    );
    const { schema, maxBuckets, zeros, first, counts } = native;
    expect(decoded.native).toMatchObject({ schema, maxBuckets, zeros, first, counts });
  });

  test('a histogram with too few or too many counts is refused', () => {
    const cell = createHistogram([1, 2]);
    for (const points of [[1], [1, 2, 3]]) {
      expect(() => sent('histogram', cell, points)).toThrow(TypeError);
    }
  });

  test('a summary keeps its window', () => {
    const cell = new SummaryCell([0.5, 1]);
    for (const value of [0, 1, 5]) cell.observe(value);
    cell.startedAt = -5_000;
    const decoded = sent('summary', cell, [0.5, 1]);
    expect(decoded.values()).toEqual(cell.values());
    expect([decoded.count, decoded.sum, decoded.startedAt]).toEqual([3, 6, -5_000]);
    expect(decoded.window().zeros).toBe(1);
    expect(decoded.quantiles).toEqual([0.5, 1]);
  });
});

describe('families that a worker sends', () => {
  const at = { location: 'CalculatorHandler.add' };
  const family = <T extends CellType>(type: T, name = 'calls') =>
    new Family(`app_${name}`, name, type, 'Calls.', at, defaultSettings());
  const encoded = (families: readonly Family[], labels = {}): EncodedFamily[][] => [
    ...encodeFamilies(families, labels, BUILT_IN_NAMES),
  ];

  test('a family keeps its name, type, help and aggregator, also without series', () => {
    expect(encoded([family('counter')])).toEqual([
      [
        {
          name: 'app_calls',
          type: 'counter',
          help: 'Calls.',
          aggregator: 'sum',
          points: [],
          series: [],
        },
      ],
    ]);
    expect(encoded([])).toEqual([]);
  });

  test('a series gets the default labels of its process', () => {
    const calls = family('gauge');
    calls.findOrCreate({ op: 'x' }, at, () => new GaugeCell());
    expect(encoded([calls], { zone: 'b' })).toMatchObject([
      [{ points: [], series: [['op="x",zone="b"', [0]]] }],
    ]);
  });

  test('a family says which built-in labels its process renames', () => {
    const names = new LabelNames({ thrift_service: 'svc' });
    const [[sentFamily] = []] = [...encodeFamilies([family('counter')], {}, names)];
    expect(sentFamily?.labelNames).toEqual({ thrift_service: 'svc' });
  });

  test('series of a histogram are sent together if they have the same buckets', () => {
    const times = family('histogram', 'seconds');
    const store = new HistogramStore();
    const cells = [[1, 2], [1, 2], [5]].map((bounds) => createHistogram(bounds, store));
    for (const [i, cell] of cells.entries()) times.findOrCreate({ i: `${i}` }, at, () => cell);
    const [parts = []] = encoded([times]);
    expect(parts.map(({ points, series }) => [points, series.length])).toEqual([
      [[1, 2], 2],
      [[5], 1],
    ]);
  });

  test('a summary is sent with its quantiles', () => {
    const times = family('summary', 'seconds');
    times.findOrCreate({}, at, () => new SummaryCell([0.5]));
    const [[part] = []] = encoded([times]);
    expect([part?.points, part?.series.length]).toEqual([[0.5], 1]);
  });

  test.each([
    ['counter', () => new CounterCell(), 112],
    ['gauge', () => new GaugeCell(), 112],
    ['summary', () => new SummaryCell([0.5]), 18],
    ['histogram', () => createHistogram([1]), 100],
  ] as const)('many series of a %s are in several messages', (type, create, size) => {
    const calls = family(type);
    for (let i = 0; i < 2 * size + 1; i++) calls.findOrCreate({ i: `${i}` }, at, create);
    const chunks = encoded([calls]);
    expect(
      chunks.map((parts) => parts.reduce((sum, { series }) => sum + series.length, 0)),
    ).toEqual([size, size, 1]);
    expect(chunks.every(([part]) => part?.name === 'app_calls')).toBe(true);
  });

  test('native buckets and exemplars count towards the size of a message', () => {
    const times = family('histogram', 'seconds');
    const store = new HistogramStore();
    for (let i = 0; i < 3; i++) {
      const cell = createHistogram([1], store);
      const native = new NativeBuckets(0, 160);
      native.first = 0;
      native.counts = Array<number>(500).fill(1);
      cell.native = native;
      cell.exemplars = [exemplar, exemplar];
      times.findOrCreate({ i: `${i}` }, at, () => cell);
    }
    expect(encoded([times]).map(([part]) => part?.series.length)).toEqual([2, 1]);
  });
});
