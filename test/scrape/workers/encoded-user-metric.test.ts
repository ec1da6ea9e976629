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
