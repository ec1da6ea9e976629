import { quote } from './selector';

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
