import { expect, it } from 'vitest';

import { areKnown, everyMetric, metricsNamed, selectedNames } from '../../src/scrape/metric-filter';

const METRICS = [
  { name: 'calls_total', type: 'counter' },
  { name: 'busy', type: 'gauge' },
  { name: 'latency', type: 'histogram' },
  { name: 'age', type: 'summary' },
];

const found = (...names: string[]): string[] =>
  METRICS.filter(metricsNamed(names)).map(({ name }) => name);

it('a metric is found by its name', () => {
  expect(found('busy', 'calls_total', 'unknown')).toEqual(['calls_total', 'busy']);
  expect(found('latency', 'age')).toEqual(['latency', 'age']);
  expect(found()).toEqual([]);
});

it.each([
  ['latency_bucket', ['latency']],
  ['latency_sum', ['latency']],
  ['latency_count', ['latency']],
  ['age_sum', ['age']],
  ['age_count', ['age']],
  ['busy_count', []],
  ['calls_total_sum', []],
  ['latency_bucket_count', []],
])('the sample name %s finds %j', (name, names) => {
  expect(found(name)).toEqual(names);
});

it('a filter for every metric accepts all of them', () => {
  expect(METRICS.every(everyMetric)).toBe(true);
});

it('lists of names that select the same metrics have equal results', () => {
  const selected = selectedNames(METRICS, ['latency_sum', 'age', 'unknown']);
  expect(selected).toEqual(['age', 'latency']);
  expect(selectedNames(METRICS, ['age_count', 'latency', 'latency_bucket'])).toEqual(selected);
  expect(selectedNames(METRICS, ['unknown'])).toEqual([]);
});

it('names that select all metrics have no names as the result', () => {
  expect(selectedNames(METRICS, ['age', 'latency_count', 'busy', 'calls_total'])).toBeUndefined();
});

it('names are known if each belongs to a metric', () => {
  expect(areKnown(METRICS, ['busy', 'latency_bucket', 'age_sum'])).toBe(true);
  expect(areKnown(METRICS, ['busy', 'busy_sum'])).toBe(false);
  expect(areKnown(METRICS, [])).toBe(true);
});
