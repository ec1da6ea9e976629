/** A rule that writes a series of its own. */
export interface PrometheusRecordingRule {
  /** Name of the series, as `level:metric:operation`. */
  record: string;
  /** PromQL. */
  expr: string;
  labels?: Record<string, string>;
}

/** A rule that raises an alert for each series that its expression gives. */
export interface PrometheusAlertingRule {
  alert: string;
  /** PromQL. */
  expr: string;
  /** How long the expression has to hold, as Prometheus writes durations; absent: not at all. */
  for?: string;
  labels: Record<string, string>;
  annotations: { summary: string; description: string; runbook_url: string };
}

/** Rules that Prometheus evaluates together, one after the other. */
export interface PrometheusRuleGroup {
  name: string;
  /** Time between two evaluations; absent: as the configuration of Prometheus says. */
  interval?: string;
  rules: (PrometheusRecordingRule | PrometheusAlertingRule)[];
}

/** What a rule file of Prometheus holds. */
export interface PrometheusRules {
  groups: PrometheusRuleGroup[];
}

export interface PrometheusRulesOptions {
  /**
   * Where the runbooks are: `{alert}`, `{service}` and `{method}` in it are replaced, encoded for a URL. By default the
   * section of the alert in this project's `docs/how-to/alerts.md`.
   */
  runbookUrl?: string | undefined;
  /** Constant labels that every alert gets, such as `{ team: 'payments' }`. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** Time between two evaluations, such as `'30s'`; by default as the configuration of Prometheus says. */
  interval?: string | undefined;
}
