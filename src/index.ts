// This import comes first, so that `Symbol.metadata` exists before a decorated class is evaluated.
import './declaration/symbol-metadata';
import { loadSettings } from './configuration/load';
import { currentRuntime } from './runtime/runtime';
import { peerGroupOf } from './scrape/workers/peer-group';
import {
  createGrafanaDashboard as grafanaDashboard,
  type GrafanaDashboardOptions,
} from './tools/grafana/create-grafana-dashboard';
import type { GrafanaDashboard } from './tools/grafana/model';
import { createPrometheusRules as prometheusRules } from './tools/rules/create-prometheus-rules';
import type { PrometheusRules, PrometheusRulesOptions } from './tools/rules/prometheus-rules';

// Joins the other processes and threads of the program. A worker that renders nothing itself then still reports to the
// process that serves the metrics.
peerGroupOf(currentRuntime()).meet();
loadSettings();

export { Counted, ErrorsCounted, InFlight, Timed } from './api/decorators';
export { Instrumented, NotInstrumented } from './api/instrumented';
export { Objective } from './api/objective-decorator';
export { ThriftService } from './api/thrift-service';
export { getDeclaredMetrics } from './declaration/describe';
export type { DeclaredMetric } from './declaration/describe';
export { instrument, instrumentHandler } from './api/handler';
export type {
  ClassDecoration,
  CountedOptions,
  ErrorsCountedOptions,
  FailedFunction,
  InFlightOptions,
  InstrumentedDecorator,
  InstrumentedOptions,
  InstrumentOptions,
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
} from './api/options';

export { instrumentClient, type InstrumentClientOptions } from './thrift/client/instrument-client';
export { instrumentServer } from './thrift/server/instrument-server';
export {
  instrumentService,
  type InstrumentServiceOptions,
} from './thrift/service/instrument-service';

export { configureMetrics, type MetricsConfiguration, resetMetrics } from './api/configure';
export type { DeclaredObjective } from './declaration/objective';
export type { MetricsRegistry } from './runtime/metrics-registry';
export type { MetricRule, RuleMatch } from './api/rules-option';
export type { CallsOptions } from './api/calls-option';
export type { ExemplarFunction } from './runtime/exemplars';
export type { ErrorHandler, NativeHistogramSettings } from './runtime/settings';

export { renderMetrics, type RenderedMetrics, type RenderOptions } from './scrape/render';
export type { Auth } from './endpoint/auth';
export {
  metricsHandler,
  type MetricsHandlerOptions,
  type RequestHandler,
} from './endpoint/metrics-handler';
export { startMetricsServer, type MetricsServer } from './endpoint/metrics-server';
export type { MetricsServerOptions } from './endpoint/server-options';

export type { Call, CallOf, HandlerCall } from './recording/call';
export type { ThriftAddress, ThriftCallMessage, ThriftCallOutcome } from './recording/call-message';
export type { Misuse, Mismatch } from './api/misuse';
export type { ExceptionClass } from './recording/exception';
export type { MetricKind, MetricType } from './metrics/catalogue';
export { ThriftMetricsError, type ErrorCode } from './validation/errors';

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
