import type { DeclaredMethod } from '../../declaration/describe';
import { callMetrics } from '../../slo/objective-indicator';
import { callsExpression } from '../call-expressions';
import type { HistogramStorage } from '../histogram-expressions';
import type { PrometheusRecordingRule } from './prometheus-rules';
import { METHOD_LEVEL, RATE_WINDOW, recordName } from './recorded-series';

/** The kinds of values that have a band. */
export const SIGNAL_KINDS = ['rate', 'failures', 'latency'] as const;

export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** A recorded series of all methods, around which bands are recorded. */
export interface AnomalySignal {
  readonly kind: SignalKind;
  /** Name of the recorded series. */
  readonly series: string;
}

/** The series around which bands are recorded. There are as many as names of metrics, not as many as methods. */
export interface AnomalySignals {
  readonly signals: readonly AnomalySignal[];
  /** Expression for the calls per second of every method. */
  readonly calls: string;
  /** Rules for rates that are only recorded for their bands. */
  readonly rules: readonly PrometheusRecordingRule[];
}

const RATE = `rate${RATE_WINDOW}`;

/** Returns null if no method counts its calls. */
export function anomalySignals(
  methods: readonly DeclaredMethod[],
  storage: HistogramStorage,
): AnomalySignals | null {
  const metrics = methods.map(callMetrics);
  const calls = metrics.flatMap((metric) => metric.calls ?? []);
  const counters = new Set(
    calls.filter(({ kind }) => kind === 'counted').map(({ name }) => recordName(name, RATE)),
  );
  const timers = new Map(
    calls.filter(({ kind }) => kind !== 'counted').map((metric) => [metric.name, metric]),
  );
  const rules = [...timers.values()].map((metric) => ({
    record: recordName(metric.name, RATE),
    // Another method may count the same calls with a counter, whose rate is recorded already.
    expr: [
      callsExpression(metric, { matchers: '', by: METHOD_LEVEL.labels, storage })(RATE_WINDOW),
      ...counters,
    ].join(`\nunless ${ON_METHOD} `),
  }));
  const rates = [...counters, ...rules.map(({ record }) => record)];
  if (rates.length === 0) return null;
  const failures = new Set<string>();
  const latencies = new Set<string>();
  for (const { calls: counted, failures: failed, latency } of metrics) {
    if (counted !== undefined && failed?.by === 'kind')
      failures.add(recordName(failed.name, `ratio_${RATE}`));
    if (latency !== undefined) latencies.add(recordName(latency.name, `p99_${RATE_WINDOW}`));
  }
  const ofKind = (kind: SignalKind, names: Iterable<string>): AnomalySignal[] =>
    [...names].map((series) => ({ kind, series }));
  return {
    signals: [
      ...ofKind('rate', rates),
      ...ofKind('failures', failures),
      ...ofKind('latency', latencies),
    ],
    calls: rates.length === 1 ? rates.join('') : `(${rates.join(` or ${ON_METHOD} `)})`,
    rules,
  };
}

/** Matches series by method. They may have other labels that an option adds. */
export const ON_METHOD = `on (${METHOD_LEVEL.labels})`;
