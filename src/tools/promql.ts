import { LABEL } from '../metrics/catalogue';

/** Writes a string literal of PromQL, which has the escapes of JSON. */
export function quote(value: string): string {
  return JSON.stringify(value.toWellFormed());
}

/** Matches bad calls: every kind of failure but declared exceptions. The counterpart of `isBad` in `slo/outcome.ts`. */
export const NOT_DECLARED = `${LABEL.exceptionKind}!="declared"`;

/** Selects the series of a metric that belong to one method, or to a whole service if there is no method. */
export function selector(
  metric: string,
  { service, method }: { readonly service: string; readonly method?: string | undefined },
  ...matchers: readonly string[]
): string {
  return `${metric}{${matchersOf({ service, method }, ...matchers)}}`;
}

/** Matchers for the series of one method, or of a whole service if there is no method. */
export function matchersOf(
  { service, method }: { readonly service: string; readonly method?: string | undefined },
  ...matchers: readonly string[]
): string {
  const labels = [`${LABEL.service}=${quote(service)}`];
  if (method !== undefined) labels.push(`${LABEL.method}=${quote(method)}`);
  return [...labels, ...matchers].join(',');
}

/** Matches exactly these values of a label. */
export function anyOf(label: string, values: readonly string[]): string {
  const [only = ''] = values;
  if (values.length === 1) return `${label}=${quote(only)}`;
  return `${label}=~${quote(values.map(escapePattern).join('|'))}`;
}

/** Writes a regular expression that matches exactly this text. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/**
 * Matches the bucket with this bound. The value of `le` depends on the scraped format: Prometheus keeps the `1` of the
 * text format, while OpenMetrics and protobuf have `1.0`. Prometheus 3 writes `1.0` for all formats.
 */
export function bucketMatcher(bound: number): string {
  const plain = String(bound);
  const canonical = canonicalBound(bound);
  if (plain === canonical) return `le=${quote(plain)}`;
  const either = [plain, canonical].map(escapePattern);
  return `le=~${quote(either.join('|'))}`;
}

/** Writes a bound as Go's `%g` does, with `.0` after a whole number. */
function canonicalBound(bound: number): string {
  const [mantissa = '', exponent = ''] = bound.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return Number.isInteger(bound) ? `${bound}.0` : String(bound);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
