// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './declaration/symbol-metadata';
import './scrape/workers/join';

export { Counted } from './api/counted';
export { ErrorsCounted } from './api/errors-counted';
export { InFlight } from './api/in-flight';
export { Instrumented, type InstrumentedDecorator } from './api/instrumented';
export { NotInstrumented } from './api/not-instrumented';
export { Objective } from './api/objective-decorator';
export { ThriftService } from './api/thrift-service';
export { Timed } from './api/timed';
export { getDeclaredMetrics } from './declaration/describe';
export type { DeclaredMetric } from './declaration/describe';
export { instrumentHandler } from './api/handler';
export type {
  ClassDecoration,
  CountedOptions,
  ErrorsCountedOptions,
  InFlightOptions,
  InstrumentedOptions,
  LabelValue,
  MethodDecoration,
  MetricDecorator,
  MetricOptions,
  ObjectiveOptions,
  TimedOptions,
} from './api/options';

export { instrumentClient, type InstrumentClientOptions } from './thrift/client/instrument-client';
export { instrumentServer } from './thrift/server/instrument-server';
export {
  instrumentService,
  type InstrumentServiceOptions,
} from './thrift/service/instrument-service';

export { configureMetrics, type MetricsConfiguration } from './api/configure';
export type { DeclaredObjective } from './declaration/objective';
export type { MetricsRegistry } from './runtime/registry';
export { resetMetrics } from './api/configure';
export type { ExemplarFunction } from './runtime/exemplars';
export type { ErrorHandler, NativeHistogramSettings } from './runtime/settings';

export { renderMetrics, type RenderedMetrics, type RenderOptions } from './scrape/render';
export type { Auth } from './endpoint/auth';
export {
  metricsHandler,
  type MetricsHandlerOptions,
  type RequestHandler,
} from './endpoint/metrics-handler';
export {
  startMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from './endpoint/metrics-server';

export {
  createGrafanaDashboard,
  type GrafanaDashboardOptions,
} from './tools/grafana/create-grafana-dashboard';
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
} from './tools/grafana/model';
export { createPrometheusRules } from './tools/rules/create-prometheus-rules';
export type {
  PrometheusAlertingRule,
  PrometheusRecordingRule,
  PrometheusRuleGroup,
  PrometheusRules,
  PrometheusRulesOptions,
} from './tools/rules/prometheus-rules';

export type { Call } from './recording/call';
export type { ExceptionClass } from './recording/exception';
export type { MetricKind, MetricType } from './metrics/catalogue';
export { ThriftMetricsError, type ErrorCode } from './validation/errors';
