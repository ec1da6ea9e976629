import { LABEL } from '../../metrics/catalogue';
import type { BurnRate } from '../../slo/burn-rates';
import { percentOf } from '../../slo/percent';
import { type AlertDefaults, createAlert, JOB, METHOD, SERVICE } from './alert';
import type { ObjectiveExpressions } from './objective-expressions';
import type { PrometheusAlertingRule } from './prometheus-rules';
import { errorRatioSeries, OBJECTIVE_LABEL } from './recorded-series';

/** Bad calls that the long window must have. A single bad call among a handful is not a burn. */
const MIN_ERRORS = 10;

export const BURN_ALERTS = {
  availability: 'ThriftAvailabilityBudgetBurn',
  latency: 'ThriftLatencyBudgetBurn',
} as const;

/**
 * Returns an alert that fires while the error ratio is too high over the long and the short window of a burn rate.
 *
 * @param labels additional labels
 */
export function burnRateAlert(
  expressions: ObjectiveExpressions,
  { severity, factor, spent, long, short }: BurnRate,
  labels: Readonly<Record<string, string>>,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const { subject, indicator } = expressions;
  const { kind, target, window } = indicator;
  const threshold = `${factor} * (1 - ${target})`;
  const [bad, good] =
    indicator.kind === 'availability'
      ? ['failed', 'do not fail']
      : [`took longer than ${indicator.within} s`, `finish within ${indicator.within} s`];
  const howFast = factor === 1 ? 'faster than' : `more than ${factor} times as fast as`;
  const rate = factor === 1 ? 'the allowed rate' : `${factor} times the allowed rate`;
  const who = nameOf(expressions);
  return createAlert(
    {
      alert: BURN_ALERTS[kind],
      expr: [
        `${errorRatioSeries(expressions, long)} > ${threshold}`,
        'and',
        `${errorRatioSeries(expressions, short)} > ${threshold}`,
        'and on (job)',
        `${expressions.errors(long, 'increase')} >= ${MIN_ERRORS}`,
      ].join('\n'),
      urgency: severity,
      service: subject.service,
      method: subject.method,
      labels: { [OBJECTIVE_LABEL]: kind, long_window: long, short_window: short, ...labels },
      summary: `${who} spends its ${kind} error budget ${howFast} its objective allows`,
      description:
        `{{ $value | humanizePercentage }} of calls to ${who} (job ${JOB}) ${bad} in the last ${long}. ` +
        `The problem continues: the last ${short} are above the threshold too. ` +
        `The objective is that ${percentOf(target)}% of calls ${good} over ${window}. ` +
        `At ${rate}, ${percentOf(spent)}% of the error budget is gone in ${long}.`,
    },
    defaults,
  );
}

/** Template of the name of the method or service that an objective covers. */
function nameOf({ subject }: ObjectiveExpressions): string {
  return subject.method === undefined ? SERVICE : METHOD;
}

export const STOPPED_ALERT = 'ThriftCallsStopped';

/** A method without calls for this long, despite regular traffic, has lost its clients. */
const SILENCE = '30m';

/** Calls that make traffic regular: one a minute, in the same half hour a day and a week before. */
const MIN_CALLS = 30;

/** Alerts on a method or service that receives no calls at a time when it received calls a day and a week before. */
export function callsStoppedAlert(
  expressions: ObjectiveExpressions,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const { subject, calls } = expressions;
  const callsAt = (offset: string): string => calls(`${SILENCE}${offset}`, 'increase');
  const who = nameOf(expressions);
  return createAlert(
    {
      alert: STOPPED_ALERT,
      expr: [
        `${callsAt('')} == 0`,
        'and',
        `${callsAt(' offset 1d')} >= ${MIN_CALLS}`,
        'and',
        `${callsAt(' offset 1w')} >= ${MIN_CALLS}`,
      ].join('\n'),
      urgency: 'ticket',
      service: subject.service,
      method: subject.method,
      summary: `${who} no longer receives calls`,
      description:
        `${who} (job ${JOB}) received no calls in the last ${SILENCE}. ` +
        `It received at least ${MIN_CALLS} calls at the same time a day ago and a week ago. ` +
        'Without calls, its objective cannot be evaluated.',
    },
    defaults,
  );
}

export const ABSENT_ALERT = 'ThriftMetricsAbsent';

/** Longer than a restart takes. */
const ABSENCE = '10m';

/**
 * Alerts when series that the objectives of a service need are missing, because no other alert can fire then. Returns
 * null if the service has no series that exist before the first call.
 */
export function metricsAbsentAlert(
  service: string,
  objectives: readonly ObjectiveExpressions[],
  defaults: AlertDefaults,
): PrometheusAlertingRule | null {
  const absent = new Set(objectives.flatMap((expressions) => expressions.absent));
  if (absent.size === 0) return null;
  return createAlert(
    {
      alert: ABSENT_ALERT,
      expr: `max by (${LABEL.service}) (\n${[...absent].join('\nor\n')}\n)`,
      for: ABSENCE,
      urgency: 'page',
      service,
      summary: `Metrics of ${SERVICE} are missing in Prometheus`,
      description:
        `Series that the objectives of ${SERVICE} need have been missing for ${ABSENCE}. ` +
        'The service is down, is not scraped, or exports its metrics under other names. ' +
        'Until the series return, no other alert of its objectives can fire.',
    },
    defaults,
  );
}
