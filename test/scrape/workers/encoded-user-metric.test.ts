import { AggregatorRegistry, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';

import type { MetricValues } from '../../../src/metrics/registry-metric';
import {
  decodeUserMetrics,
  encodeUserMetrics,
} from '../../../src/scrape/workers/encoded-user-metric';

const faults = {
  report: (_site: string, error: unknown): void => {
    throw error;
  },
  warnOnce: (): void => {},
};

test("a user's metric with many series is sent in several messages, whose sum is the metric", async () => {
  const registry = new Registry();
  const own = new Histogram({
    name: 'own',
    help: 'x',
    labelNames: ['key'],
    buckets: [1, 2],
    registers: [registry],
  });
  for (let key = 0; key < 500; key++) own.observe({ key }, key % 3);

  const bodies = [
    ...encodeUserMetrics((await registry.getMetricsAsJSON()) as unknown as MetricValues[]),
  ];

  // Five samples for each series, and about 200 in a message.
  expect(bodies.length).toBeGreaterThanOrEqual(10);
  const parts = bodies.map((body) => decodeUserMetrics(faults, body));
  const sum = AggregatorRegistry.aggregate(parts);
  expect(linesOf(await sum.metrics())).toEqual(linesOf(await registry.metrics()));
});

test("a user's metric without series is sent", () => {
  const empty = { name: 'own', help: 'x', type: 'gauge', aggregator: 'sum', values: [] };
  const bodies = [...encodeUserMetrics([empty])];
  expect(bodies.map((body) => decodeUserMetrics(faults, body))).toEqual([[empty]]);
});

/** The lines, in any order: the client library puts a series together from its samples in the order of their labels. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join()}}`),
    )
    .toSorted();
}

const own = { name: 'own', help: 'x', type: 'gauge', aggregator: 'sum', values: [] };
const sample = { labels: {}, value: 1 };

test.each([
  ['is not JSON', '['],
  ['is not a list', '{}'],
  ['is a list of something else', '[3]'],
  ['has null', '[null]'],
  ['has something else after a metric', JSON.stringify([own, 3])],
  ...['name', 'help', 'type', 'aggregator', 'values'].map((key): [string, string] => [
    `has no ${key}`,
    JSON.stringify([{ ...own, [key]: undefined }]),
  ]),
  ['has null as a sample', JSON.stringify([{ ...own, values: [sample, null] }])],
  ['has a sample without labels', JSON.stringify([{ ...own, values: [{ value: 1 }] }])],
  ['has null as labels', JSON.stringify([{ ...own, values: [{ labels: null, value: 1 }] }])],
  ['has a text as labels', JSON.stringify([{ ...own, values: [{ labels: 'a', value: 1 }] }])],
])("a body of user's metrics that %s is reported and has none", (_, body) => {
  const reported: [string, unknown][] = [];
  const sink = { report: (site: string, error: unknown) => void reported.push([site, error]) };
  expect(decodeUserMetrics(sink, body)).toEqual([]);
  expect(reported).toEqual([['worker', expect.any(Error)]]);
});

test("small user's metrics share a message, and none is sent for nothing", () => {
  const withSamples = (count: number) => ({
    ...own,
    values: Array.from({ length: count }, () => sample),
  });
  const sizesIn = (counts: readonly number[]): number[][] =>
    [...encodeUserMetrics(counts.map(withSamples))].map((body) =>
      decodeUserMetrics(faults, body).map(({ values }) => values.length),
    );
  expect(sizesIn([])).toEqual([]);
  expect(sizesIn([2, 0, 3])).toEqual([[2, 0, 3]]);
  expect(sizesIn([199, 1, 5])).toEqual([[199, 1], [5]]);
  expect(sizesIn([200])).toEqual([[200]]);
  expect(sizesIn([450])).toEqual([[200], [200], [50]]);
});
