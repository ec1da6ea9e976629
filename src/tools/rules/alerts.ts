import { LABEL } from '../../metrics/catalogue';
import type { BurnRate } from '../../slo/burn-rates';
import { percentOf } from '../../slo/percent';
import type { ObjectiveExpressions } from './objective-expressions';
import type { PrometheusAlertingRule } from './prometheus-rules';
import { errorRatioSeries, OBJECTIVE_LABEL } from './recorded-series';

/** The parts of an alert that differ from one alert to the next. */
interface AlertSpec {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly severity: 'page' | 'ticket';
  readonly service: string;
  readonly method?: string;
  /** Additional labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** A Go template that Prometheus expands. */
  readonly summary: string;
  /** A Go template that Prometheus expands. */
  readonly description: string;
}

/** The parts that all alerts share. */
export interface AlertDefaults {
  readonly labels: Readonly<Record<string, string>>;
  /** Template of the runbook address, or null for the runbooks in this project's docs. */
  readonly runbookUrl: string | null;
}

function createAlert(spec: AlertSpec, defaults: AlertDefaults): PrometheusAlertingRule {
  const { alert, expr, severity, service, method, labels, summary, description } = spec;
  const constant = {
    ...defaults.labels,
    severity,
    [LABEL.service]: service,
    ...(method !== undefined && { [LABEL.method]: method }),
    ...labels,
  };
  return {
    alert,
    expr,
    ...(spec.for !== undefined && { for: spec.for }),
    labels: Object.fromEntries(
      Object.entries(constant).map(([name, value]) => [name, literal(value)]),
    ),
    annotations: { summary, description, runbook_url: literal(runbookUrl(spec, defaults)) },
  };
}

function runbookUrl(
  { alert, service, method = '' }: AlertSpec,
  { runbookUrl: url }: AlertDefaults,
): string {
  if (url === null) return `docs/how-to/alerts.md#${alert.toLowerCase()}`;
  const values: Readonly<Record<string, string>> = { alert, service, method };
  return url.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((values[name] ?? '').toWellFormed()),
  );
}

/** Escapes a text for a label or an annotation, because Prometheus expands both as templates. */
function literal(text: string): string {
  return text.toWellFormed().replaceAll('{{', '{{ "{{" }}');
}

/** Bad calls that the long window must have. A single bad call among a handful is not a burn. */
const MIN_ERRORS = 10;

const NAMES = {
  availability: 'ThriftAvailabilityBudgetBurn',
  latency: 'ThriftLatencyBudgetBurn',
} as const;

const SERVICE = '{{ $labels.thrift_service }}';
const METHOD = '{{ $labels.thrift_service }}.{{ $labels.thrift_method }}';
const JOB = '{{ $labels.job }}';

/** Returns one alert per burn rate. It fires while the error ratio is too high over the long and the short window. */
export function burnRateAlerts(
  expressions: ObjectiveExpressions,
  rates: readonly BurnRate[],
  defaults: AlertDefaults,
): PrometheusAlertingRule[] {
  return rates.map((rate) => burnRateAlert(expressions, rate, defaults));
}

function burnRateAlert(
  expressions: ObjectiveExpressions,
  { severity, factor, spent, long, short }: BurnRate,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const { indicator } = expressions;
  const { kind, service, method, target, window } = indicator;
  const threshold = `${factor} * (1 - ${target})`;
  const [bad, good] =
    indicator.kind === 'availability'
      ? ['failed', 'do not fail']
      : [`took longer than ${indicator.within} s`, `settle within ${indicator.within} s`];
  const pace = factor === 1 ? 'faster than' : `more than ${factor} times as fast as`;
  const rate = factor === 1 ? 'the allowed rate' : `${factor} times the allowed rate`;
  return createAlert(
    {
      alert: NAMES[kind],
      expr: [
        `${errorRatioSeries(indicator, long)} > ${threshold}`,
        'and',
        `${errorRatioSeries(indicator, short)} > ${threshold}`,
        'and on (job)',
        `${expressions.errors(long, 'increase')} >= ${MIN_ERRORS}`,
      ].join('\n'),
      severity,
      service,
      method,
      labels: { [OBJECTIVE_LABEL]: kind, long_window: long, short_window: short },
      summary: `${METHOD} spends its ${kind} error budget ${pace} its objective allows`,
      description:
        `{{ $value | humanizePercentage }} of calls to ${METHOD} (job ${JOB}) ${bad} in the last ${long}. ` +
        `The problem continues: the last ${short} are above the threshold too. ` +
        `The objective is that ${percentOf(target)}% of calls ${good} over ${window}. ` +
        `At ${rate}, ${percentOf(spent)}% of the error budget is gone in ${long}.`,
    },
    defaults,
  );
}

/** A method without calls for this long, despite regular traffic, has lost its clients. */
const SILENCE = '30m';

/** Calls that make traffic regular: one a minute, in the same half hour a day and a week before. */
const MIN_CALLS = 30;

/** Alerts on a method that receives no calls at a time when it received calls a day and a week before. */
export function callsStoppedAlert(
  { indicator, calls }: ObjectiveExpressions,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const { service, method } = indicator;
  const callsAt = (offset: string): string => calls(`${SILENCE}${offset}`, 'increase');
  return createAlert(
    {
      alert: 'ThriftCallsStopped',
      expr: [
        `${callsAt('')} == 0`,
        'and',
        `${callsAt(' offset 1d')} >= ${MIN_CALLS}`,
        'and',
        `${callsAt(' offset 1w')} >= ${MIN_CALLS}`,
      ].join('\n'),
      severity: 'ticket',
      service,
      method,
      summary: `${METHOD} no longer receives calls`,
      description:
        `${METHOD} (job ${JOB}) received no calls in the last ${SILENCE}. ` +
        `It received at least ${MIN_CALLS} calls at the same time a day ago and a week ago. ` +
        'Without calls, its objective cannot be evaluated.',
    },
    defaults,
  );
}

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
      alert: 'ThriftMetricsAbsent',
      expr: `max by (${LABEL.service}) (\n${[...absent].join('\nor\n')}\n)`,
      for: ABSENCE,
      severity: 'page',
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
