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
export { createPrometheusAnomalyTests } from './tools/rules/create-anomaly-tests';
export { createPrometheusRules } from './tools/rules/create-prometheus-rules';
export {
  createPrometheusRuleTests,
  type PrometheusRuleTest,
  type PrometheusRuleTests,
} from './tools/rules/create-rule-tests';
export {
  createPrometheusRuleResource,
  type PrometheusRuleMetadata,
  type PrometheusRuleResource,
} from './tools/rules/prometheus-rule-resource';
export type {
  PrometheusAlertingRule,
  PrometheusRecordingRule,
  PrometheusRuleGroup,
  PrometheusRules,
  PrometheusRulesOptions,
} from './tools/rules/prometheus-rules';
export type { TestSeries } from './tools/rules/test-histories';
