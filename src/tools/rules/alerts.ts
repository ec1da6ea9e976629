import { LABEL } from '../../metrics/catalogue';
import { type BurnRate, percentOf } from '../../slo/burn-rates';
import type { ObjectiveIndicator } from '../../slo/objective-indicator';
import type { PrometheusAlertingRule } from './prometheus-rules';
import { errorRatioSeries, OBJECTIVE_LABEL } from './recording-rules';

/** What is told of one alert. */
export interface AlertSpec {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly severity: 'page' | 'ticket';
  readonly service: string;
  readonly method?: string;
  /** More labels of the alert. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Go templates, as Prometheus expands them. */
  readonly summary: string;
  readonly description: string;
}

/** What every alert of a rule file has in common. */
export interface AlertDefaults {
  readonly labels: Readonly<Record<string, string>>;
  /** Null: the runbooks in this project's docs. */
  readonly runbookUrl: string | null;
}

export function createAlert(spec: AlertSpec, defaults: AlertDefaults): PrometheusAlertingRule {
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

/** Labels and annotations of alerts are templates, in which a name may not act. */
function literal(text: string): string {
  return text.toWellFormed().replaceAll('{{', '{{ "{{" }}');
}

/** So many calls have to fail within the long window: of a handful of calls, one that fails tells nothing. */
const FEWEST_ERRORS = 10;

const NAMES = {
  availability: 'ThriftAvailabilityBudgetBurn',
  latency: 'ThriftLatencyBudgetBurn',
} as const;

const METHOD = '{{ $labels.thrift_service }}.{{ $labels.thrift_method }}';

/** One alert for each burn rate: over the long window, so that it matters, and over the short one, so that it goes on. */
export function burnRateAlerts(
  indicator: ObjectiveIndicator,
  rates: readonly BurnRate[],
  defaults: AlertDefaults,
): PrometheusAlertingRule[] {
  return rates.map((rate) => burnRateAlert(indicator, rate, defaults));
}

function burnRateAlert(
  indicator: ObjectiveIndicator,
  { severity, factor, spent, long, short }: BurnRate,
  defaults: AlertDefaults,
): PrometheusAlertingRule {
  const { kind, service, method, target, window, within } = indicator;
  const threshold = `${factor} * (1 - ${target})`;
  const failed = kind === 'availability' ? 'failed' : `took longer than ${within} s`;
  const promised = kind === 'availability' ? 'do not fail' : `settle within ${within} s`;
  const pace = factor === 1 ? 'faster than' : `over ${factor} times as fast as`;
  const rate = factor === 1 ? 'the rate' : `${factor} times the rate`;
  return createAlert(
    {
      alert: NAMES[kind],
      expr: [
        `${errorRatioSeries(indicator, long)} > ${threshold}`,
        'and',
        `${errorRatioSeries(indicator, short)} > ${threshold}`,
        'and on (job)',
        `${indicator.errors(long, 'increase')} >= ${FEWEST_ERRORS}`,
      ].join('\n'),
      severity,
      service,
      method,
      labels: { [OBJECTIVE_LABEL]: kind, long_window: long, short_window: short },
      summary: `${METHOD} spends its ${kind} error budget ${pace} its objective allows`,
      description:
        `{{ $value | humanizePercentage }} of the calls of ${METHOD} (job {{ $labels.job }}) ${failed} ` +
        `within the last ${long}, and it goes on: the last ${short} are above the limit, too. The objective is that ` +
        `${percentOf(target)}% of the calls ${promised} over ${window}. At ${rate} that it allows, ` +
        `${percentOf(spent)}% of the error budget is gone within ${long}.`,
    },
    defaults,
  );
}

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
