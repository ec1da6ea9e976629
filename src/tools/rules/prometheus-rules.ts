import type { HistogramStorage } from '../histogram-expressions';

/** A rule that records the result of an expression as a new series. */
export interface PrometheusRecordingRule {
  /** Name of the recorded series, as `level:metric:operation`. */
  record: string;
  /** PromQL expression. */
  expr: string;
  /** Labels added to the recorded series. */
  labels?: Record<string, string>;
}

/** A rule that fires one alert for each series that its expression returns. */
export interface PrometheusAlertingRule {
  /** Name of the alert. */
  alert: string;
  /** PromQL expression. */
  expr: string;
  /** How long the expression must return a series before the alert fires, as a Prometheus duration such as `10m`. */
  for?: string;
  /** Labels added to the alert. The values are templates. */
  labels: Record<string, string>;
  /** Texts of the alert, which are templates. */
  annotations: {
    summary: string;
    description: string;
    /** Absent without the option `runbookUrl`. */
    runbook_url?: string;
    /** Absent without the option `dashboardUrl`. */
    dashboard_url?: string;
  };
}

/** A group of rules that Prometheus evaluates one after the other. */
export interface PrometheusRuleGroup {
  /** Name of the group, unique in the rule file. */
  name: string;
  /** Time between two evaluations, as a Prometheus duration. If it is missing, the configuration of Prometheus applies. */
  interval?: string;
  /** Rules in the order of their evaluation. */
  rules: (PrometheusRecordingRule | PrometheusAlertingRule)[];
}

/** The content of a Prometheus rule file. */
export interface PrometheusRules {
  groups: PrometheusRuleGroup[];
}

/** Options of {@link createPrometheusRules}. */
export interface PrometheusRulesOptions {
  /**
   * Template for the runbook address of each alert: an `http` or `https` URL. `{alert}`, `{service}` and `{method}` are
   * replaced by URL-encoded values. `{service}` and `{method}` may be empty.
   *
   * @default no annotation `runbook_url`
   */
  runbookUrl?: string | undefined;
  /**
   * Template for the dashboard address of each alert, as `runbookUrl`.
   *
   * @default no annotation `dashboard_url`
   */
  dashboardUrl?: string | undefined;
  /**
   * Constant labels added to every alert, such as `{ team: 'payments' }`.
   *
   * @default no labels
   */
  labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Labels of the alerts that cannot wait. `severity` replaces the default one, as in `{ severity: 'critical' }`.
   *
   * @default severity 'page'
   */
  pageLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Labels of the alerts that can wait until the morning. `severity` replaces the default one, as in
   * `{ severity: 'warning' }`.
   *
   * @default severity 'ticket'
   */
  ticketLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Constant labels added to every recorded series.
   *
   * @default no labels
   */
  recordingLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Time between two evaluations of every group but the one with anomalies, as a Prometheus duration such as `'30s'`.
   *
   * @default as Prometheus is configured
   */
  interval?: string | undefined;
  /**
   * How Prometheus stores histograms. `'any'` reads classic buckets, native ones, both, and native ones with custom buckets
   * (`convert_classic_histograms_to_nhcb`). `'classic'` reads classic buckets only, for databases that lack the functions of
   * native histograms, such as VictoriaMetrics.
   *
   * @default 'any'
   */
  histograms?: HistogramStorage | undefined;
  /**
   * Also records the series that the public dashboards of Sloth read, and gives burn alerts the labels of Sloth.
   *
   * @default false
   */
  sloth?: boolean | undefined;
  /**
   * Also records a band of normal values for the rate, the failure ratio and the p99 of every method, and alerts on values
   * that stay outside.
   *
   * @default only for the methods to which `configureMetrics({ rules })` gives bands
   */
  anomalies?: boolean | undefined;
}
