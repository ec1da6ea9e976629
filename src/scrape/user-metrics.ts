import type { Exemplar } from '../metrics/exemplar';
import type { MetricValues, RegistryMetric } from '../metrics/registry-metric';
import { faults } from '../runtime/faults';
import type { ForeignExemplar, ForeignMetric } from './writer';

/** What a metric of the program has; null when it fails, or has nothing within `deadline` milliseconds. */
export async function collectMetric(
  metric: RegistryMetric,
  deadline: number,
): Promise<MetricValues | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${metric.name} was not collected within ${deadline} ms`)),
      deadline,
    );
  });
  try {
    const found = await Promise.race([metric.get(), late]);
    return Array.isArray(found.values) ? found : { ...found, values: [] };
  } catch (error) {
    faults.report(`collect:${metric.name}`, error);
    return null;
  } finally {
    clearTimeout(timer);
  }
}

type Labels = Record<string, string | number>;

/** A series of a metric that is not ours, put together from its samples. */
export type ForeignSeries = { readonly labels: Labels } & (
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

/** The client library gives histograms and summaries sample by sample; formats with structure want them whole. */
export function groupForeign({ name, type, values }: ForeignMetric): ForeignSeries[] {
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
    const key = identityOf(own);
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

/** The client library has an object in place of an exemplar before there is one. */
export function readExemplar(exemplar: ForeignExemplar | null | undefined): Exemplar | null {
  const { labelSet, value, timestamp } = exemplar ?? {};
  if (labelSet === undefined || typeof value !== 'number' || timestamp === undefined) return null;
  const labels = Object.entries(labelSet).map(([name, text]) => [name, String(text)]);
  return { labels: Object.fromEntries(labels) as Exemplar['labels'], value, timestamp };
}

function identityOf(labels: Labels): string {
  const names = Object.keys(labels).toSorted();
  return JSON.stringify(names.map((name) => [name, labels[name]]));
}

function parsePoint(point: string | number): number {
  return point === '+Inf' ? Infinity : Number(point);
}
