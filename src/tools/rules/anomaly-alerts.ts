import { type AlertDefaults, type AlertSpec, createAlert, JOB, METHOD } from './alert';
import { bandSeries, RATE_SECONDS } from './anomaly-bands';
import { type AnomalySignals, ON_METHOD, type SignalKind, SIGNAL_KINDS } from './anomaly-signals';
import type { PrometheusAlertingRule } from './prometheus-rules';

export const ANOMALY_ALERTS: Readonly<Record<SignalKind, string>> = {
  rate: 'ThriftRateAnomaly',
  failures: 'ThriftFailuresAnomaly',
  latency: 'ThriftLatencyAnomaly',
};

/**
 * How long a value must stay outside of its band: five minutes, for which a rate shows whatever happened at a deploy, and
 * the minutes for which a deploy may disturb the value.
 */
export const PATIENCE: Readonly<Record<SignalKind, string>> = {
  rate: '5m',
  failures: '6m',
  latency: '7m',
};

/** Failed calls that a window must have. Some failures among a handful of calls are not an anomaly. */
const MIN_FAILURES = 10;

/** Calls that a window must have. The p99 of fewer calls is the slowest one. */
const MIN_CALLS = 100;

/** Said of a value before the time for which it has been outside of its band. */
const UNEXPLAINED =
  'Neither the last hours nor the same time on earlier days explain this value, which has been outside its band for';

const TEXTS: Readonly<Record<SignalKind, Pick<AlertSpec, 'summary' | 'description'>>> = {
  rate: {
    summary: `The rate of calls to ${METHOD} is unusual`,
    description: `${METHOD} (job ${JOB}) receives {{ $value | humanize }} calls per second.`,
  },
  failures: {
    summary: `An unusual share of calls to ${METHOD} fails`,
    description: `{{ $value | humanizePercentage }} of calls to ${METHOD} (job ${JOB}) failed in the last 5m.`,
  },
  latency: {
    summary: `Calls to ${METHOD} take unusually long`,
    description: `The p99 latency of ${METHOD} (job ${JOB}) is {{ $value | humanizeDuration }}.`,
  },
};

/** Returns one alert per kind of value. It fires while a value stays outside of its band. */
export function anomalyAlerts(
  { signals, calls }: AnomalySignals,
  defaults: AlertDefaults,
): PrometheusAlertingRule[] {
  return SIGNAL_KINDS.flatMap((kind) => {
    const names = signals.filter((signal) => signal.kind === kind).map(({ series }) => series);
    if (names.length === 0) return [];
    const { summary, description } = TEXTS[kind];
    return [
      createAlert(
        {
          alert: ANOMALY_ALERTS[kind],
          expr: names.map((series) => outsideOfBand(kind, series, calls)).join('\nor\n'),
          for: PATIENCE[kind],
          urgency: 'ticket',
          summary,
          description: `${description} ${UNEXPLAINED} ${PATIENCE[kind]}.`,
        },
        defaults,
      ),
    ];
  });
}

function outsideOfBand(kind: SignalKind, series: string, calls: string): string {
  const { lower, upper } = bandSeries(series);
  const above = `${series} > ${ON_METHOD} ${upper}`;
  if (kind === 'rate') return `${series} < ${ON_METHOD} ${lower}\nor\n${above}`;
  const enough =
    kind === 'failures'
      ? `${series} * ${ON_METHOD} ${calls} >= ${MIN_FAILURES} / ${RATE_SECONDS}`
      : `${calls} >= ${MIN_CALLS} / ${RATE_SECONDS}`;
  return `(${above} and ${ON_METHOD} ${enough})`;
}
