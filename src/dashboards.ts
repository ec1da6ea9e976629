// `thrift-metrics/dashboards`: builds a Grafana dashboard and Prometheus rules, as data, from the methods that this process
// declares.
export {
  createGrafanaDashboard,
  type GrafanaDashboardOptions,
} from './tools/grafana/create-grafana-dashboard';
export type {
  GrafanaAnnotation,
  GrafanaDashboard,
  GrafanaDataSource,
  GrafanaFieldConfig,
  GrafanaLink,
  GrafanaMapping,
  GrafanaOverride,
  GrafanaPanel,
  GrafanaPosition,
  GrafanaRow,
  GrafanaTarget,
  GrafanaThreshold,
  GrafanaVariable,
  GrafanaVariableOption,
} from './tools/grafana/model';
export { createPrometheusRules } from './tools/rules/create-prometheus-rules';
export type {
  PrometheusAlertingRule,
  PrometheusRecordingRule,
  PrometheusRuleGroup,
  PrometheusRules,
  PrometheusRulesOptions,
} from './tools/rules/prometheus-rules';
