import {
  CATALOGUE,
  type CatalogueEntry,
  LABEL,
  METRIC_KINDS,
  type MetricKind,
} from '../../metrics/catalogue';
import { labelIdentity } from '../../metrics/labels';
import type { MetricFamily, Sample } from './exposition';

const ENTRIES: readonly CatalogueEntry[] = Object.values(CATALOGUE);

/** Whether a metric has the name of a built-in metric, with any prefix. */
export function isNamed(family: MetricFamily, entry: CatalogueEntry): boolean {
  return family.name.endsWith(entry.name);
}

/**
 * Returns which of the four handler metrics a metric is, or null. A metric without a built-in name is recognized by its
 * type and labels, because programs can rename metrics.
 */
export function handlerMetricKind(family: MetricFamily): MetricKind | null {
  const known = ENTRIES.find((entry) => isNamed(family, entry));
  if (known !== undefined) {
    return METRIC_KINDS.find((kind) => CATALOGUE[kind].name === known.name) ?? null;
  }
  const sample = family.samples.find(
    ({ labels }) => labels.has(LABEL.service) && labels.has(LABEL.method),
  );
  if (sample === undefined || sample.labels.has(LABEL.clientName)) return null;
  switch (family.type) {
    case 'counter':
      return sample.labels.has(LABEL.exceptionKind) ? 'errorsCounted' : 'counted';
    case 'histogram':
    case 'summary':
      return sample.labels.has(LABEL.success) ? 'timed' : null;
    case 'gauge':
      return 'inFlight';
    default:
      return null;
  }
}

/** The method that a sample belongs to, as `Service.method`. */
export function methodOf({ labels }: Pick<Sample, 'labels'>): string {
  return `${labels.get(LABEL.service) ?? ''}.${labels.get(LABEL.method) ?? ''}`;
}

/** Identifies a set of labels regardless of their order. Labels in `without` are ignored. */
export function labelsKey(
  labels: ReadonlyMap<string, string>,
  without: readonly string[] = [],
): string {
  return labelIdentity([...labels].filter(([name]) => !without.includes(name)));
}

/** Identifies a series among those of its endpoint. */
export function seriesKey({ name, labels }: Sample): string {
  return name + labelsKey(labels);
}
