import { LABEL } from '../../metrics/catalogue';
import type { PrometheusAlertingRule } from './prometheus-rules';

/** How urgent an alert is: a page cannot wait, a ticket can wait until the morning. */
export type Urgency = 'page' | 'ticket';

/** The parts of an alert that differ from one alert to the next. */
export interface AlertSpec {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly urgency: Urgency;
  /** Absent if the expression returns the label. */
  readonly service?: string;
  /** Absent if the expression returns the label, or if the alert is about a service. */
  readonly method?: string | undefined;
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
  /** Labels of the alerts of one urgency. They may replace `severity`. */
  readonly labelsOf: Readonly<Record<Urgency, Readonly<Record<string, string>>>>;
  /** Template of the runbook address, if there is one. */
  readonly runbookUrl: string | undefined;
  /** Template of the dashboard address, if there is one. */
  readonly dashboardUrl: string | undefined;
}

export function createAlert(spec: AlertSpec, defaults: AlertDefaults): PrometheusAlertingRule {
  const { alert, expr, urgency, service, method, labels, summary, description } = spec;
  const constant = {
    ...defaults.labels,
    severity: urgency,
    ...defaults.labelsOf[urgency],
    ...(service !== undefined && { [LABEL.service]: service }),
    ...(method !== undefined && { [LABEL.method]: method }),
    ...labels,
  };
  const { runbookUrl, dashboardUrl } = defaults;
  return {
    alert,
    expr,
    ...(spec.for !== undefined && { for: spec.for }),
    labels: Object.fromEntries(
      Object.entries(constant).map(([name, value]) => [name, literal(value)]),
    ),
    annotations: {
      summary,
      description,
      ...(runbookUrl !== undefined && { runbook_url: expandUrl(runbookUrl, spec) }),
      ...(dashboardUrl !== undefined && { dashboard_url: expandUrl(dashboardUrl, spec) }),
    },
  };
}

/** Expands the placeholders of an address. Names that only the expression knows become templates. */
function expandUrl(url: string, { alert, service, method }: AlertSpec): string {
  const placeholders: Readonly<Record<string, string>> = {
    '{alert}': encodeName(alert),
    '{service}': service === undefined ? encodedLabel(LABEL.service) : encodeName(service),
    '{method}': method === undefined ? encodedLabel(LABEL.method) : encodeName(method),
  };
  return url
    .split(/(\{\w+\})/)
    .map((part) => placeholders[part] ?? literal(part))
    .join('');
}

function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

/** A template of the URL-encoded value of a label. It is empty if the alert does not have the label. */
function encodedLabel(name: string): string {
  return `{{ $labels.${name} | urlquery }}`;
}

/** Escapes a text for a label or an annotation, because Prometheus expands both as templates. */
function literal(text: string): string {
  return text.toWellFormed().replaceAll('{{', '{{ "{{" }}');
}

export const SERVICE = `{{ $labels.${LABEL.service} }}`;
export const METHOD = `${SERVICE}.{{ $labels.${LABEL.method} }}`;
export const JOB = '{{ $labels.job }}';
