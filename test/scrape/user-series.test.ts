import { expect, it } from 'vitest';

import type { UserMetric } from '../../src/scrape/user-metric';
import { groupUserMetric } from '../../src/scrape/user-series';

type Values = UserMetric['values'];

const seriesOf = (type: string, values: Values) =>
  [...groupUserMetric({ name: 'own', help: 'x', type, values })].filter((each) => each !== null);

const exemplar = { labelSet: { trace_id: 'abc' }, value: 0.3, timestamp: 1700 };
const READ = { labels: { trace_id: 'abc' }, value: 0.3, timestamp: 1700 };

it('the samples of a histogram are assembled by their labels, whatever their order', () => {
  const bucket = (labels: Values[number]['labels'], value: number) => ({
    metricName: 'own_bucket',
    labels,
    value,
  });
  const values: Values = [
    bucket({ le: 0.5, a: '1', b: '2' }, 1),
    { ...bucket({ le: 0.5, a: '2' }, 4), exemplar },
    bucket({ b: '2', le: '+Inf', a: '1' }, 3),
    bucket({ le: '+Inf', a: '2' }, 5),
    { metricName: 'own_count', labels: { b: '2', a: '1' }, value: 3 },
    { metricName: 'own_sum', labels: { a: '2' }, value: 7 },
    { metricName: 'own_count', labels: { a: '2' }, value: 5 },
    { metricName: 'own_sum', labels: { a: '1', b: '2' }, value: 2.5 },
  ];
  expect(seriesOf('histogram', values)).toEqual([
    {
      type: 'histogram',
      labels: { a: '1', b: '2' },
      buckets: [
        [0.5, 1, null],
        [Infinity, 3, null],
      ],
      count: 3,
      sum: 2.5,
    },
    {
      type: 'histogram',
      labels: { a: '2' },
      buckets: [
        [0.5, 4, READ],
        [Infinity, 5, null],
      ],
      count: 5,
      sum: 7,
    },
  ]);
});

it('the samples of a summary are assembled, and a sample without a quantile is not one of its quantiles', () => {
  const values: Values = [
    { labels: { quantile: 0.5 }, value: 1 },
    { labels: { quantile: '0.9' }, value: 2 },
    { labels: {}, value: 9 },
    { metricName: 'own_sum', labels: {}, value: 6 },
    { metricName: 'own_count', labels: {}, value: 4 },
  ];
  expect(seriesOf('summary', values)).toEqual([
    {
      type: 'summary',
      labels: {},
      quantiles: [
        [0.5, 1],
        [0.9, 2],
      ],
      count: 4,
      sum: 6,
    },
  ]);
});

it('a label that is a point only in histograms belongs to the series of a summary', () => {
  expect(seriesOf('summary', [{ labels: { le: '1', quantile: 0.5 }, value: 2 }])).toMatchObject([
    { labels: { le: '1' }, quantiles: [[0.5, 2]] },
  ]);
});

it('a sum and a count without buckets are a series', () => {
  expect(seriesOf('histogram', [{ metricName: 'own_sum', labels: {}, value: 2 }])).toEqual([
    { type: 'histogram', labels: {}, buckets: [], count: 0, sum: 2 },
  ]);
});

it.each([
  ['counter', { type: 'counter', exemplar: READ }],
  ['gauge', { type: 'gauge' }],
  ['info', { type: 'untyped' }],
])('each sample of a %s is a series', (type, expected) => {
  expect(seriesOf(type, [{ labels: { le: 'a' }, value: 2, exemplar }])).toEqual([
    { labels: { le: 'a' }, value: 2, ...expected },
  ]);
});

it('the caller can yield after each sample', () => {
  const labels = [1, 2, 3].map((quantile) => ({ labels: { quantile }, value: 1 }));
  const steps = [...groupUserMetric({ name: 'own', help: 'x', type: 'summary', values: labels })];
  expect(steps.map((step) => step?.type ?? null)).toEqual([null, null, null, 'summary']);
});
