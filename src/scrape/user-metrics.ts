import type { Exemplar } from '../metrics/exemplar';
import { labelIdentity } from '../metrics/labels';
import type { MetricValues, RegistryMetric } from '../metrics/registry-metric';
import type { FaultSink } from '../recording/call-labels';
import { LATE, within } from './deadlines';
import type { UserExemplar, UserMetric } from './writer';

/** Collects a metric of the user. Returns null if it fails, or takes longer than `deadline` milliseconds. */
export async function collectMetric(
  faults: FaultSink,
  metric: RegistryMetric,
  deadline: number,
): Promise<MetricValues | null> {
  try {
    const found = await within(metric.get(), deadline);
    if (found === LATE) throw new Error(`${metric.name} was not collected within ${deadline} ms`);
    return Array.isArray(found.values) ? found : { ...found, values: [] };
  } catch (error) {
    faults.report(`collect:${metric.name}`, error);
    return null;
  }
}

type Labels = Record<string, string | number>;

/** A series of a user's metric, assembled from its samples. */
export type UserSeries = { readonly labels: Labels } & (
  | { readonly type: 'gauge' | 'untyped'; readonly value: number }
  | { readonly type: 'counter'; readonly value: number; readonly exemplar: Exemplar | null }
  | {
      readonly type: 'histogram';
      readonly buckets: readonly (readonly [number, number, Exemplar | null])[];
      readonly count: number;
      readonly sum: number;
    }
  | {
      readonly type: 'summary';
      readonly quantiles: readonly (readonly [number, number])[];
      readonly count: number;
      readonly sum: number;
    }
);

interface Parts {
  readonly labels: Labels;
  readonly points: [number, number, Exemplar | null][];
  count: number;
  sum: number;
}

/** Assembles histograms and summaries, which the client library returns sample by sample, for formats that need them whole. */
export function groupUserMetric({ name, type, values }: UserMetric): UserSeries[] {
  if (type === 'counter') {
    return values.map(({ labels, value, exemplar }) => ({
      type,
      labels,
      value,
      exemplar: readExemplar(exemplar),
    }));
  }
  if (type !== 'histogram' && type !== 'summary') {
    const known = type === 'gauge' ? type : 'untyped';
    return values.map(({ labels, value }) => ({ type: known, labels, value }));
  }
  const pointLabel = type === 'histogram' ? 'le' : 'quantile';
  const series = new Map<string, Parts>();
  for (const { labels, value, metricName, exemplar } of values) {
    const { [pointLabel]: point, ...own } = labels;
    const key = labelIdentity(Object.entries(own));
    let parts = series.get(key);
    if (parts === undefined)
      series.set(key, (parts = { labels: own, points: [], count: 0, sum: 0 }));
    if (metricName === `${name}_sum`) parts.sum = value;
    else if (metricName === `${name}_count`) parts.count = value;
    else if (point !== undefined)
      parts.points.push([parsePoint(point), value, readExemplar(exemplar)]);
  }
  return [...series.values()].map(({ labels, points, count, sum }) =>
    type === 'histogram'
      ? { type, labels, buckets: points, count, sum }
      : { type, labels, quantiles: points.map(([at, value]) => [at, value]), count, sum },
  );
}

/** Reads an exemplar of the client library, which has an object without labels before there is an exemplar. */
export function readExemplar(exemplar: UserExemplar | null | undefined): Exemplar | null {
  const { labelSet, value, timestamp } = exemplar ?? {};
  if (labelSet === undefined || typeof value !== 'number' || timestamp === undefined) return null;
  const labels = Object.entries(labelSet).map(([name, text]) => [name, String(text)]);
  return { labels: Object.fromEntries(labels) as Exemplar['labels'], value, timestamp };
}

function parsePoint(point: string | number): number {
  return point === '+Inf' ? Infinity : Number(point);
}
