import { LABEL } from '../catalogue';
import { createAlert, type AlertDefaults } from './alert-factory';
import type { ObjectiveIndicator } from './objective-indicator';
import type { PrometheusAlertingRule } from './prometheus-rules';

/** Without any call for so long, a method that is called all the time has lost its clients. */
const SILENCE = '30m';

/** In the same time a day and a week before: once a minute. */
const FEWEST_CALLS = 30;

/** Longer than a restart takes. */
const ABSENCE = '10m';

/** Tells of a method that nobody calls any more, though at this time of the day and of the week it is called. */
export function callsStoppedAlert(
  indicator: ObjectiveIndicator,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const { service, method } = indicator;
  const calls = (offset: string): string => indicator.calls(`${SILENCE}${offset}`, 'increase');
  return createAlert(
    {
      alert: 'ThriftCallsStopped',
      expr: [
        `${calls('')} == 0`,
        'and',
        `${calls(' offset 1d')} >= ${FEWEST_CALLS}`,
        'and',
        `${calls(' offset 1w')} >= ${FEWEST_CALLS}`,
      ].join('\n'),
      severity: 'ticket',
      service,
      method,
      summary: '{{ $labels.thrift_service }}.{{ $labels.thrift_method }} gets no calls any more',
      description:
        `No call of {{ $labels.thrift_service }}.{{ $labels.thrift_method }} (job {{ $labels.job }}) arrived within the ` +
        `last ${SILENCE}. At the same time a day ago and a week ago there were at least ${FEWEST_CALLS}. Without calls, the ` +
        'objective of the method tells nothing.',
    },
    defaults,
  );
}

/** Tells that nothing is known of a service, so that none of its other alerts can fire; null where nothing has to be there. */
export function metricsAbsentAlert(
  service: string,
  indicators: readonly ObjectiveIndicator[],
  defaults: AlertDefaults,
): PrometheusAlertingRule | null {
  const required = new Set(indicators.flatMap((indicator) => indicator.required));
  if (required.size === 0) return null;
  const absent = [...required].map((series) => `absent(${series})`).join('\nor\n');
  return createAlert(
    {
      alert: 'ThriftMetricsAbsent',
      expr: `max by (${LABEL.service}) (\n${absent}\n)`,
      for: ABSENCE,
      severity: 'page',
      service,
      summary: 'Prometheus has no metrics of {{ $labels.thrift_service }}',
      description:
        `For ${ABSENCE}, series of {{ $labels.thrift_service }} that its objectives are told from have been missing. ` +
        'It does not run, it is not scraped, or its metrics have other names. No other alert of its objectives can fire.',
    },
    defaults,
  );
}
