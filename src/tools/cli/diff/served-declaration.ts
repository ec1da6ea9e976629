import { CATALOGUE, LABEL, METRIC_KINDS } from '../../../metrics/catalogue';
import type { LabelNames } from '../../../metrics/label-names';
import { groupBy } from '../../group-by';
import { type MetricFamily, type Sample, toNumber } from '../exposition';
import { handlerMetricKind, methodOf } from '../handler-series';
import type { ServedMetrics } from '../served-metrics';
import type { ComparedDeclaration, ComparedMethod, ComparedMetric } from './compared-declaration';

/**
 * Derives from a scrape what the program declares, as far as it shows: not which labels are constant, which exceptions are
 * listed, whether buckets are native, and no objectives.
 */
export function servedDeclaration({ families, labelNames }: ServedMetrics): ComparedDeclaration {
  const methods = new Map<string, ComparedMethod & { metrics: ComparedMetric[] }>();
  for (const family of families) {
    const kind = handlerMetricKind(family);
    if (kind === null) continue;
    for (const [key, samples] of groupBy(family.samples, methodOf)) {
      const [{ labels }] = samples as [Sample];
      const service = labels.get(LABEL.service);
      const method = labels.get(LABEL.method);
      if (service === undefined || method === undefined) continue;
      const entry = methods.get(key) ?? { service, method, metrics: [] };
      entry.metrics.push(servedMetric(family, kind, samples, labelNames));
      methods.set(key, entry);
    }
  }
  const order = [...methods.keys()].toSorted();
  return {
    prefix: servedPrefix(families),
    methodLabels: [LABEL.service, LABEL.method].map((name) => labelNames.nameOf(name)),
    methods: order.flatMap((key) => methods.get(key) ?? []),
  };
}

function servedMetric(
  { name, type, help }: MetricFamily,
  kind: string,
  samples: readonly Sample[],
  labelNames: LabelNames,
): ComparedMetric {
  const pointLabel = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : null;
  const names = new Set(samples.flatMap(({ labels }) => [...labels.keys()]));
  const points = new Set<number>();
  if (pointLabel !== null) {
    names.delete(pointLabel);
    for (const { labels } of samples) {
      const point = labels.get(pointLabel);
      if (point !== undefined) points.add(toNumber(point));
    }
    points.delete(Infinity);
  }
  const sorted = [...points].toSorted((a, b) => a - b);
  return {
    kind,
    name,
    type: type ?? 'untyped',
    help: help ?? '',
    labelNames: [...names].map((each) => labelNames.nameOf(each)).toSorted(),
    buckets: type === 'histogram' ? sorted : null,
    quantiles: type === 'summary' ? sorted : null,
  };
}

/** The prefix of the first metric with a built-in name. */
export function servedPrefix(families: readonly MetricFamily[]): string {
  const names = [...METRIC_KINDS, 'failedRequests' as const].map((key) => CATALOGUE[key].name);
  for (const { name } of families) {
    const builtIn = names.find((each) => name.endsWith(each));
    if (builtIn !== undefined) return name.slice(0, -builtIn.length);
  }
  return '';
}
