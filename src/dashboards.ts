/**
 * `thrift-metrics/dashboards`: a Grafana dashboard and Prometheus rules, as data, of the methods declared in this process.
 */
export {
  createGrafanaDashboard,
  type GrafanaDashboardOptions,
} from './dashboards/create-grafana-dashboard';
export type {
  GrafanaAnnotation,
  GrafanaDashboard,
  GrafanaDataSource,
  GrafanaFieldConfig,
  GrafanaOverride,
  GrafanaPanel,
  GrafanaPosition,
  GrafanaRow,
  GrafanaTarget,
  GrafanaThreshold,
  GrafanaVariable,
  GrafanaVariableOption,
} from './dashboards/grafana/model';
export { createPrometheusRules } from './dashboards/create-prometheus-rules';
export type {
  PrometheusAlertingRule,
  PrometheusRecordingRule,
  PrometheusRuleGroup,
  PrometheusRules,
  PrometheusRulesOptions,
} from './dashboards/prometheus-rules';
