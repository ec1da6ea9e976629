import type { DeclaredMethod } from '../decorators/declared-methods';
import { hasCallLabels, metricOf } from './metric-of';
import type { PrometheusRecordingRule } from './prometheus-rules';
import { LABELS_OF_LEVEL, RATE_WINDOW, recordName } from './record-name';
import { selector } from './selector';

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** Rate, error ratio and latency quantiles of all methods, by metric: most methods share theirs. */
export function recordingRules(methods: readonly DeclaredMethod[]): PrometheusRecordingRule[] {
  const counters = new Set<string>();
  const histograms = new Set<string>();
  const ratios = new Map<string, ErrorRatio>();
  for (const method of methods) {
    const requests = metricOf(method, 'counted', 'counter');
    const errors = metricOf(method, 'errorsCounted', 'counter');
    const latency = metricOf(method, 'timed', 'histogram');
    if (requests !== undefined) counters.add(requests.name);
    if (errors !== undefined) counters.add(errors.name);
    if (latency !== undefined) histograms.add(latency.name);
    if (requests === undefined || errors === undefined) continue;
    const ratio = ratios.get(errors.name) ?? { requests: new Set(), zeros: [] };
    ratios.set(errors.name, ratio);
    ratio.requests.add(rateName(requests.name));
    if (hasCallLabels(errors)) ratio.zeros.push(selector(rateName(requests.name), method));
  }
  return [
    ...[...counters].map(rateRule),
    ...[...ratios].map(([errors, ratio]) => errorRatioRule(errors, ratio)),
    ...[...histograms].flatMap(quantileRules),
  ];
}

/** Of the methods that share an error counter. */
interface ErrorRatio {
  /** The recorded rates of their calls. */
  readonly requests: Set<string>;
  /** Those of methods whose error series are not there before the first error. */
  readonly zeros: string[];
}

function rateName(metric: string): string {
  return recordName(metric, `rate${RATE_WINDOW}`);
}

function rateRule(metric: string): PrometheusRecordingRule {
  return {
    record: rateName(metric),
    expr: `sum by (${LABELS_OF_LEVEL}) (rate(${metric}[${RATE_WINDOW}]))`,
  };
}

/** Without calls there is no ratio, and no sample; without errors it is 0. */
function errorRatioRule(errors: string, { requests, zeros }: ErrorRatio): PrometheusRecordingRule {
  const failed = [rateName(errors), ...zeros.map((calls) => `0 * ${calls}`)].join(' or ');
  return {
    record: recordName(errors, `ratio_rate${RATE_WINDOW}`),
    expr: `(${failed})\n/\n((${[...requests].join(' or ')}) > 0)`,
  };
}

/** The quantile of no calls is NaN, which the comparison drops. */
function quantileRules(histogram: string): PrometheusRecordingRule[] {
  const buckets = `sum by (${LABELS_OF_LEVEL}, le) (rate(${histogram}_bucket[${RATE_WINDOW}]))`;
  return Object.entries(QUANTILES).map(([name, quantile]) => ({
    record: recordName(histogram, `${name}_${RATE_WINDOW}`),
    expr: `histogram_quantile(${quantile}, ${buckets}) >= 0`,
  }));
}
