import { LABEL } from '../catalogue';
import type { PrometheusAlertingRule } from './prometheus-rules';

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
