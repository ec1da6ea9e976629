// The package, with everything that declares from the first copy, and everything that configures and reads from the second.
import { loadPackages } from './packages';

const { first, second } = loadPackages('copies');

export const {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  NotInstrumented,
  Objective,
  ThriftService,
  Timed,
  instrument,
  instrumentClient,
  instrumentHandler,
  instrumentService,
} = first;

export const {
  ThriftMetricsError,
  configureMetrics,
  createGrafanaDashboard,
  createPrometheusRules,
  getDeclaredMetrics,
  instrumentServer,
  metricsHandler,
  renderMetrics,
  resetMetrics,
  startMetricsServer,
} = second;
