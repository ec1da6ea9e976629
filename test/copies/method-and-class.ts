// The package, with decorators of methods from the second copy and decorators of classes from the first. The pairs of
// `declare-and-read.ts` are split the other way round.
import { loadPackages } from './packages';

const { first, second } = loadPackages('copies-crossed');

export const {
  Instrumented,
  ThriftMetricsError,
  ThriftService,
  configureMetrics,
  getDeclaredMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  resetMetrics,
} = first;

export const {
  Counted,
  ErrorsCounted,
  InFlight,
  NotInstrumented,
  Objective,
  Timed,
  createGrafanaDashboard,
  createPrometheusRules,
  instrument,
  instrumentService,
  metricsHandler,
  renderMetrics,
  startMetricsServer,
} = second;
