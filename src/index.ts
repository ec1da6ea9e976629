// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './decorators/symbol-metadata';

export { Counted } from './decorators/counted';
export { ErrorsCounted } from './decorators/errors-counted';
export { InFlight } from './decorators/in-flight';
export { Instrumented } from './decorators/instrumented';
export { NotInstrumented } from './decorators/not-instrumented';
export { Objective } from './decorators/objective';
export { ThriftService } from './decorators/thrift-service';
export { Timed } from './decorators/timed';
export { getDeclaredMetrics } from './decorators/declared-metrics';
export type { DeclaredMetric } from './decorators/describe-metric';
export { instrumentHandler } from './decorators/instrument-handler';
export type {
  ClassDecoration,
  CountedOptions,
  ErrorsCountedOptions,
  FailedFunction,
  InFlightOptions,
  InstrumentedDecorator,
  InstrumentedOptions,
  LabelValue,
  MethodDecoration,
  MethodOrClassDecoration,
  MetricDecoration,
  MetricDecorator,
  MetricOptions,
  NotInstrumentedDecorator,
  ObjectiveDecorator,
  ObjectiveOptions,
  ServiceDecoration,
  ServiceDecorator,
  TimedOptions,
} from './decorators/types';

export { instrumentClient, type InstrumentClientOptions } from './thrift/client/instrument-client';
export { instrumentServer } from './thrift/server/instrument-server';
export {
  instrumentService,
  type InstrumentServiceOptions,
} from './thrift/processor/instrument-service';

export { configureMetrics, type MetricsConfiguration } from './registry/configure';
export type { DeclaredObjective } from './registry/objective';
export type { MetricsRegistry } from './registry/metrics-registry';
export { resetMetrics } from './registry/reset';
export type { ExemplarFunction } from './registry/exemplars';
export type { ErrorHandler, NativeHistogramSettings } from './registry/settings';

export {
  renderMetrics,
  type RenderedMetrics,
  type RenderOptions,
} from './exposition/render-metrics';
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
} from './endpoint/start-metrics-server';

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

export type { Call, CallOf, HandlerCall } from './call/observed-call';
export type { Misuse, Mismatch } from './decorators/misuse';
export type { ExceptionClass } from './call/exception';
export type { MetricKind, MetricType } from './catalogue';
export { ThriftMetricsError, type ErrorCode } from './errors';
