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
  annotations: { summary: string; description: string; runbook_url: string };
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
   * Template for the runbook address of each alert. `{alert}`, `{service}` and `{method}` are replaced by URL-encoded
   * values. `{method}` may be empty.
   *
   * @default 'docs/how-to/alerts.md#' and the name of the alert in lower case
   */
  runbookUrl?: string | undefined;
  /**
   * Constant labels added to every alert, such as `{ team: 'payments' }`.
   *
   * @default no labels
   */
  labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Time between two evaluations of every group, as a Prometheus duration such as `'30s'`.
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
}
