import type { MetricFamily } from '../scrape/parse-exposition';
import { labelsKey } from '../scrape/series-key';

/** How many series a metric has. */
export interface Cardinality {
  readonly metric: string;
  readonly type: string | null;
  /** A histogram or summary counts as one, however many buckets or quantiles it has. */
  readonly series: number;
  /** The label with the most values; null without labels. */
  readonly mostVaried: { readonly label: string; readonly values: number } | null;
}

const OF_ONE_SERIES = ['le', 'quantile'];

export function cardinalityOf({ name, type, samples }: MetricFamily): Cardinality {
  const series = new Set<string>();
  const values = new Map<string, Set<string>>();
  const ignored = type === 'histogram' || type === 'summary' ? OF_ONE_SERIES : [];
  for (const { labels } of samples) {
    series.add(labelsKey(labels, ignored));
    for (const [label, value] of labels) {
      if (ignored.includes(label)) continue;
      const known = values.get(label);
      if (known === undefined) values.set(label, new Set([value]));
      else known.add(value);
    }
  }
  const [most] = [...values].toSorted(([, a], [, b]) => b.size - a.size);
  return {
    metric: name,
    type,
    series: series.size,
    mostVaried: most === undefined ? null : { label: most[0], values: most[1].size },
  };
}
