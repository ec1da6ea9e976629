import { labelIdentity } from '../metrics/labels';
import type { Exemplar } from '../metrics/exemplar';

import { readExemplar, type UserMetric } from './user-metric';

type Labels = Record<string, string | number>;

/** One series of a user's metric, assembled from its samples. */
export type UserSeries = { readonly labels: Labels } & (
  | { readonly type: 'gauge' | 'untyped'; readonly value: number }
  | { readonly type: 'counter'; readonly value: number; readonly exemplar: Exemplar | null }
  | ({ readonly type: 'histogram' } & ClassicHistogram)
  | ({ readonly type: 'summary' } & SummaryValues)
);

/** The values of a classic histogram. */
export interface ClassicHistogram {
  readonly buckets: readonly ClassicBucket[];
  readonly count: number;
  readonly sum: number;
}

export type ClassicBucket = readonly [
  upperBound: number,
  cumulativeCount: number,
  exemplar: Exemplar | null,
];

/** The values of a summary. */
export interface SummaryValues {
  readonly quantiles: readonly (readonly [quantile: number, value: number])[];
  readonly count: number;
  readonly sum: number;
}

/** The samples of one histogram or summary. A point is a bucket or a quantile. */
interface Parts {
  readonly labels: Labels;
  readonly points: [point: number, value: number, exemplar: Exemplar | null][];
  count: number;
  sum: number;
}

/** Assembles the series of a metric for a format that needs histograms and summaries whole, not sample by sample. */
export function groupUserMetric(metric: UserMetric): UserSeries[] {
  const { type, values } = metric;
  switch (type) {
    case 'counter':
      return values.map(({ labels, value, exemplar }) => ({
        type,
        labels,
        value,
        exemplar: readExemplar(exemplar),
      }));
    case 'histogram':
      return groupSamples(metric, 'le').map(({ labels, points, count, sum }) => ({
        type,
        labels,
        buckets: points,
        count,
        sum,
      }));
    case 'summary':
      return groupSamples(metric, 'quantile').map(({ labels, points, count, sum }) => ({
        type,
        labels,
        quantiles: points.map(([quantile, value]) => [quantile, value]),
        count,
        sum,
      }));
    default:
      return values.map(({ labels, value }) => ({
        type: type === 'gauge' ? type : 'untyped',
        labels,
        value,
      }));
  }
}

function groupSamples({ name, values }: UserMetric, pointLabel: string): Parts[] {
  const byIdentity = new Map<string, Parts>();
  for (const { labels, value, metricName, exemplar } of values) {
    const { [pointLabel]: point, ...own } = labels;
    const identity = labelIdentity(Object.entries(own));
    let parts = byIdentity.get(identity);
    if (parts === undefined) {
      byIdentity.set(identity, (parts = { labels: own, points: [], count: 0, sum: 0 }));
    }
    if (metricName === `${name}_sum`) parts.sum = value;
    else if (metricName === `${name}_count`) parts.count = value;
    else if (point !== undefined) {
      parts.points.push([parsePoint(point), value, readExemplar(exemplar)]);
    }
  }
  return [...byIdentity.values()];
}

function parsePoint(point: string | number): number {
  return point === '+Inf' ? Infinity : Number(point);
}
