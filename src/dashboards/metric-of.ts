import { CATALOGUE, type MetricKind } from '../catalogue';
import type { DeclaredMethod } from '../decorators/declared-methods';
import type { DeclaredMetric } from '../decorators/describe-metric';

/** The metric of one kind that a method declares; of several the first, since all count the same calls. */
export function metricOf(
  { metrics }: DeclaredMethod,
  kind: MetricKind,
  type: DeclaredMetric['type'],
): DeclaredMetric | undefined {
  return metrics.find((metric) => metric.kind === kind && metric.type === type);
}

/** Whether a label depends on the call: then no series is there before the first. */
export function hasCallLabels({ kind, labelNames, labels }: DeclaredMetric): boolean {
  return labelNames.length > CATALOGUE[kind].labels.length + Object.keys(labels).length;
}
