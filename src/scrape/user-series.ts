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

/** The samples of one histogram or summary. A point is the bound of a bucket, or a quantile. */
interface Parts {
  readonly labels: Labels;
  readonly points: [point: number, value: number, exemplar: Exemplar | null][];
  count: number;
  sum: number;
}

/**
 * Assembles the series of a metric for a format that needs histograms and summaries whole, not sample by sample. Yields null
 * after each sample that does not complete a series, so that the caller can yield to the event loop.
 */
export function* groupUserMetric(metric: UserMetric): Generator<UserSeries | null> {
  const { type, values } = metric;
  if (type === 'histogram') {
    for (const { labels, points, count, sum } of yield* groupSamples(metric, 'le')) {
      yield { type, labels, buckets: points, count, sum };
    }
  } else if (type === 'summary') {
    for (const { labels, points, count, sum } of yield* groupSamples(metric, 'quantile')) {
      const quantiles = points.map(([quantile, value]) => [quantile, value] as const);
      yield { type, labels, quantiles, count, sum };
    }
  } else {
    for (const { labels, value, exemplar } of values) {
      if (type === 'counter') yield { type, labels, value, exemplar: readExemplar(exemplar) };
      else yield { type: type === 'gauge' ? type : 'untyped', labels, value };
    }
  }
}

function* groupSamples(
  { name, values }: UserMetric,
  pointLabel: string,
): Generator<null, Iterable<Parts>> {
  const byIdentity = new Map<string, Parts>();
  for (const { labels, value, metricName, exemplar } of values) {
    const { [pointLabel]: point, ...own } = labels;
    const identity = labelIdentity(Object.entries(own));
    let parts = byIdentity.get(identity);
    if (parts === undefined) {
      byIdentity.set(identity, (parts = { labels: own, points: [], count: 0, sum: 0 }));
    }
    if (metricName === `${name}_sum`) parts.sum = value;
    else if (metricName === `${name}_count`) parts.count = wholeCount(value);
    else if (point !== undefined) {
      const pointValue = pointLabel === 'le' ? wholeCount(value) : value;
      parts.points.push([parsePoint(point), pointValue, readExemplar(exemplar)]);
    }
    yield null;
  }
  return byIdentity.values();
}

function parsePoint(point: string | number): number {
  return point === '+Inf' ? Infinity : Number(point);
}

/** The nearest value that a count can have. Only a metric that the program has written itself has others. */
function wholeCount(value: number): number {
  const count = Math.min(Math.round(value), Number.MAX_SAFE_INTEGER);
  return count > 0 ? count : 0;
}
