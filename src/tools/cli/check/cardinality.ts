import type { MetricFamily } from '../exposition';
import { labelsKey } from '../handler-series';
import { finding, type Finding } from './check-rules';

/** The number of series of a metric. */
export interface Cardinality {
  readonly metric: string;
  readonly type: string | null;
  /** A histogram or summary counts as one series, regardless of its buckets or quantiles. */
  readonly series: number;
  /** The label with the most values, or null if the metric has no labels. */
  readonly mostVaried: { readonly label: string; readonly values: number } | null;
}

/** Labels that distinguish the samples of one histogram or summary series. */
const WITHIN_SERIES: readonly string[] = ['le', 'quantile'];

export function cardinalityOf({ name, type, samples }: MetricFamily): Cardinality {
  const series = new Set<string>();
  const values = new Map<string, Set<string>>();
  const ignored = type === 'histogram' || type === 'summary' ? WITHIN_SERIES : [];
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

/** Finds metrics with too many series. */
export function* lintCardinality(
  metrics: readonly Cardinality[],
  maxSeries: number,
): Generator<Finding> {
  for (const { metric, series, mostVaried } of metrics) {
    if (series <= maxSeries) continue;
    const most =
      mostVaried === null
        ? ''
        : `; label '${mostVaried.label}' has the most values (${mostVaried.values}); reduce them, or raise --max-series`;
    yield finding('cardinality', metric, `${series} series, more than ${maxSeries}${most}`);
  }
}
