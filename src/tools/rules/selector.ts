import type { DeclaredMethod, DeclaredMetric } from '../../declaration/describe';
import { CATALOGUE, LABEL, type MetricKind } from '../../metrics/catalogue';

/** A string as PromQL writes it; it knows the escapes of JSON. */
export function quote(value: string): string {
  return JSON.stringify(value.toWellFormed());
}

/** The series of one metric whose labels have these values; without a method, those of the whole service. */
export function selector(
  metric: string,
  { service, method }: { readonly service: string; readonly method?: string },
  ...matchers: readonly string[]
): string {
  const labels = [`${LABEL.service}=${quote(service)}`];
  if (method !== undefined) labels.push(`${LABEL.method}=${quote(method)}`);
  return `${metric}{${[...labels, ...matchers].join(',')}}`;
}

/**
 * Matches the buckets with one bound. What `le` says depends on what was scraped: Prometheus keeps what the text format
 * has (`1`), while OpenMetrics and protobuf have `1.0`, which Prometheus 3 makes of all.
 */
export function bucketMatcher(bound: number): string {
  const plain = String(bound);
  const canonical = canonicalBound(bound);
  if (plain === canonical) return `le=${quote(plain)}`;
  const either = [plain, canonical].map((text) => text.replaceAll(/[.+]/g, String.raw`\$&`));
  return `le=~${quote(either.join('|'))}`;
}

/** As Go's `%g` writes it, with `.0` where that looks whole. */
function canonicalBound(bound: number): string {
  const [mantissa = '', exponent = ''] = bound.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return Number.isInteger(bound) ? `${bound}.0` : String(bound);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

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
