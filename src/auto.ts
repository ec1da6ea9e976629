/**
 * Measures a program without changes to its code: `node --require thrift-metrics/auto app.js`, or `--import`. Instruments
 * every Thrift server and client that the program creates. Handlers without decorators get all four metrics. Serves the
 * metrics on the port in `THRIFT_METRICS_PORT` (8000 by default), with the default labels in `THRIFT_METRICS_LABELS`
 * (`env=prod,region=eu`). The endpoint opens when the program first uses Thrift. One process of the program serves the sum over
 * all cluster workers and worker threads.
 */
// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './declaration/symbol-metadata';
import { prepareAutomaticServer } from './endpoint/metrics-server';
import { ThriftMetricsError } from './validation/errors';
import { configureMetrics } from './api/configure';
import { adoptVariables } from './runtime/process-manager';
import { currentRuntime } from './runtime/runtime';
import { findLibraries } from './thrift/library/loader';
import { instrumentLibrary } from './thrift/library/instrument-library';

adoptVariables();
const { THRIFT_METRICS_PORT: port, THRIFT_METRICS_LABELS: labels } = process.env;

const portToServe = parsePort(port);
if (labels !== undefined) configureFromEnvironment(labels);
findLibraries((library) => instrumentLibrary(currentRuntime(), library));
prepareAutomaticServer(portToServe);

function parsePort(text = '8000'): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `THRIFT_METRICS_PORT is '${text}'. Expected a whole number from 0 to 65535.`,
  );
}

function configureFromEnvironment(text: string): void {
  const defaultLabels: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [name = '', ...value] = pair.split('=');
    if (value.length === 0) {
      throw new ThriftMetricsError(
        'TM_ERR_OPTION_INVALID',
        `THRIFT_METRICS_LABELS contains '${pair}'. Expected labels such as env=prod,region=eu.`,
      );
    }
    defaultLabels[name.trim()] = value.join('=').trim();
  }
  try {
    configureMetrics({ defaultLabels });
  } catch (error) {
    if (error instanceof ThriftMetricsError) {
      throw new ThriftMetricsError(error.code, `THRIFT_METRICS_LABELS: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}
