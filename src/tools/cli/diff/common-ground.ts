import { LABEL, METRIC_KINDS } from '../../../metrics/catalogue';
import { hasCallLabels } from '../../rules/objective-expressions';
import type { ComparedDeclaration, ComparedMetric } from './compared-declaration';

/**
 * Removes what a declaration and an endpoint cannot both show: default labels, which are not part of a declaration, and
 * metrics whose labels depend on the call, which an endpoint does not serve before the first call.
 */
export function asShownBy(
  side: ComparedDeclaration,
  other: ComparedDeclaration,
): ComparedDeclaration {
  const isDefault = defaultLabelsOf(side, other);
  const served = new Set(
    other.methods.flatMap(({ service, method, metrics }) =>
      metrics.map(({ kind }) => JSON.stringify([service, method, kind])),
    ),
  );
  const methods = side.methods.map((each) => ({
    ...each,
    metrics: each.metrics
      .filter(
        (metric) =>
          !needsCalls(metric) ||
          served.has(JSON.stringify([each.service, each.method, metric.kind])),
      )
      .map((metric) => ({
        ...metric,
        labelNames: metric.labelNames.filter((name) => !isDefault(name)),
      })),
  }));
  return { ...side, methods: methods.filter(({ metrics }) => metrics.length > 0) };
}

/** Recognizes the labels that all metrics of an endpoint have, and no metric of the other side. */
function defaultLabelsOf(
  side: ComparedDeclaration,
  other: ComparedDeclaration,
): (name: string) => boolean {
  const metrics = side.methods.flatMap((method) => method.metrics);
  const known = new Set<string>([LABEL.service, LABEL.method]);
  for (const name of [...(side.methodLabels ?? []), ...(other.methodLabels ?? [])]) known.add(name);
  for (const { labelNames } of other.methods.flatMap((method) => method.metrics)) {
    for (const name of labelNames) known.add(name);
  }
  return (name) =>
    !known.has(name) &&
    metrics.every(({ labelNames, labels }) => labels === undefined && labelNames.includes(name));
}

/** Whether a label depends on the call. Unknown, and so false, for a metric of an endpoint. */
function needsCalls({ kind, labelNames, labels }: ComparedMetric): boolean {
  const key = METRIC_KINDS.find((each) => each === kind);
  return (
    key !== undefined && labels !== undefined && hasCallLabels({ kind: key, labelNames, labels })
  );
}
