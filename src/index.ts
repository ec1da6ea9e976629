// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './decorators/symbol-metadata';
import {
  createGrafanaDashboard as grafanaDashboard,
  createPrometheusRules as prometheusRules,
  type GrafanaDashboard,
  type GrafanaDashboardOptions,
  type PrometheusRules,
  type PrometheusRulesOptions,
} from './dashboards';

export { Counted } from './decorators/counted';
export { ErrorsCounted } from './decorators/errors-counted';
export { InFlight } from './decorators/in-flight';
export { Instrumented, type InstrumentedDecorator } from './decorators/instrumented';
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
  InFlightOptions,
  InstrumentedOptions,
  LabelValue,
  MethodDecoration,
  MetricDecorator,
  MetricOptions,
  ObjectiveOptions,
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

export type { Call } from './call/observed-call';
export type { ExceptionClass } from './call/exception';
export type { MetricKind, MetricType } from './catalogue';
export { ThriftMetricsError, type ErrorCode } from './errors';

/**
 * Builds a Grafana dashboard.
 *
 * @deprecated Import it from `thrift-metrics/dashboards`. The main entry no longer exports it in 0.3.
 */
export function createGrafanaDashboard(options?: GrafanaDashboardOptions): GrafanaDashboard {
  return grafanaDashboard(options);
}

/**
 * Builds Prometheus recording and alerting rules.
 *
 * @deprecated Import it from `thrift-metrics/dashboards`. The main entry no longer exports it in 0.3.
 */
export function createPrometheusRules(options?: PrometheusRulesOptions): PrometheusRules {
  return prometheusRules(options);
}
