import { describe, expect, test } from 'vitest';

import { CounterCell, GaugeCell } from '../../src/metrics/cell';
import { newerExemplar, takeExemplar, type Exemplar } from '../../src/metrics/exemplar';
import { HistogramStore } from '../../src/metrics/histogram-store';
import { NativeBuckets } from '../../src/metrics/native-buckets';
import { createHistogram } from '../support/create-histogram';

const labels = { trace_id: 'a' };
const source = { labels: () => labels };
const withoutTrace = { labels: () => null };
const disabled = { labels: null };

const exemplar = (timestamp: number): Exemplar => ({ labels, value: 1, timestamp });

test('an exemplar has the labels and the value of the call, and the time in seconds', () => {
  const before = Date.now() / 1000;
  const taken = takeExemplar(source, 3);
  expect(taken).toMatchObject({ labels, value: 3 });
  expect(taken?.timestamp).toBeGreaterThanOrEqual(before);
  expect(taken?.timestamp).toBeLessThanOrEqual(Date.now() / 1000);
});

test('without labels there is no exemplar', () => {
  expect(takeExemplar(withoutTrace, 3)).toBeNull();
  expect(takeExemplar(disabled, 3)).toBeNull();
});

test('the newer of two exemplars is kept, and the first of two at the same time', () => {
  const [one, other] = [exemplar(1), exemplar(2)];
  expect(newerExemplar(one, other)).toBe(other);
  expect(newerExemplar(other, one)).toBe(other);
  expect(newerExemplar(one, exemplar(1))).toBe(one);
  expect(newerExemplar(one, null)).toBe(one);
  expect(newerExemplar(null, one)).toBe(one);
  expect(newerExemplar(null, null)).toBeNull();
});

describe('a counter', () => {
  test('a counter keeps its exemplar until a call has a newer one', () => {
    const cell = new CounterCell();
    cell.countWithExemplar(disabled);
    expect(cell.exemplar).toBeNull();
    cell.countWithExemplar(source);
    const first = cell.exemplar;
    expect(first).toMatchObject({ labels, value: 1 });
    cell.countWithExemplar(withoutTrace);
    cell.countWithExemplar(disabled);
    expect(cell.exemplar).toBe(first);
    cell.countWithExemplar(source);
    expect(cell.exemplar).not.toBe(first);
    expect(cell.value).toBe(5);
  });

  test('a counter starts again at a reset, without an exemplar', () => {
    const cell = new CounterCell();
    cell.countWithExemplar(source);
    cell.startedAt = -1;
    expect(cell.isZero()).toBe(false);
    cell.reset();
    expect([cell.value, cell.exemplar, cell.isZero()]).toEqual([0, null, true]);
    expect(cell.startedAt).toBeGreaterThanOrEqual(0);
  });
});

test('a gauge is 0 after a reset, which calls recognize by its generation', () => {
  const cell = new GaugeCell();
  cell.value = 2;
  const { generation } = cell;
  expect([cell.read(), cell.isZero()]).toEqual([2, false]);
  cell.reset();
  expect([cell.read(), cell.isZero()]).toEqual([0, true]);
  expect(cell.generation).toBe(generation + 1);
});

describe('a histogram', () => {
  test('a histogram keeps the newest exemplar of each bucket', () => {
    const cell = createHistogram([1, 2]);
    cell.observe(0.5);
    expect(cell.exemplars).toBeNull();
    cell.exemplarSource = withoutTrace;
    cell.observe(0.5);
    expect(cell.exemplars).toBeNull();
    cell.exemplarSource = source;
    for (const value of [0.25, 0.75, 3]) cell.observe(value);
    expect(cell.exemplars?.map((kept) => kept?.value)).toEqual([0.75, undefined, 3]);
  });

  test('a histogram has no exemplar in the buckets before the first one that has one', () => {
    const cell = createHistogram([1, 2]);
    cell.exemplarSource = source;
    cell.observe(3);
    expect(cell.exemplars?.slice(0, 2)).toEqual([undefined, undefined]);
    expect(cell.exemplars?.[2]?.value).toBe(3);
  });

  test('a histogram starts again at a reset, with the same buckets', () => {
    const cell = createHistogram([1, 2]);
    cell.native = new NativeBuckets(0, 160);
    cell.exemplarSource = source;
    cell.observe(0.5);
    cell.startedAt = -1;
    expect(cell.isZero()).toBe(false);
    cell.reset();
    expect([cell.bounds, cell.counts(), cell.sum, cell.exemplars]).toEqual([
      [1, 2],
      [0, 0, 0],
      0,
      null,
    ]);
    expect([cell.isZero(), cell.native?.counts]).toEqual([true, []]);
    expect(cell.startedAt).toBeGreaterThanOrEqual(0);
  });

  test('a histogram starts again at 0 when it gets other buckets', () => {
    const cell = createHistogram([1, 2]);
    cell.observe(0.5);
    cell.rebucket(new HistogramStore().shapeOf([5]));
    expect([cell.bounds, cell.counts(), cell.sum]).toEqual([[5], [0, 0], 0]);
    cell.observe(5);
    expect([cell.counts(), cell.sum, cell.count()]).toEqual([[1, 0], 5, 1]);
  });
});
