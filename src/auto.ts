/**
 * Measures a program without changes to its code: `node --require thrift-metrics/auto app.js`, or `--import`. Instruments
 * every Thrift server and client that the program creates. Handlers without decorators get all four metrics. Serves the
 * metrics on the port in `THRIFT_METRICS_PORT` (8000 by default), with the default labels in `THRIFT_METRICS_LABELS`
 * (`env=prod,region=eu`). Creates OpenTelemetry spans if `THRIFT_METRICS_TRACING` is `true`. Cluster workers and worker threads are measured, but only the primary and the main thread serve.
 */
import { isMainThread } from 'node:worker_threads';

// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './declaration/symbol-metadata';
import './scrape/workers/join';
import { startAutomaticServer } from './endpoint/metrics-server';
import { ThriftMetricsError } from './validation/errors';
import { configureMetrics } from './api/configure';
import { enableTracing } from './signals/enable-tracing';
import { currentRuntime } from './runtime/runtime';
import { findLibraries } from './thrift/library/loader';
import { instrumentLibrary } from './thrift/library/instrument-library';
import { isClusterWorker } from './scrape/workers/cluster-worker';

const { THRIFT_METRICS_PORT: port, THRIFT_METRICS_LABELS: labels } = process.env;

const portToServe = parsePort(port);
if (labels !== undefined) configureFromEnvironment(labels);
if (isTracingAsked()) enableTracing();
findLibraries((library) => instrumentLibrary(currentRuntime(), library));
if (isMainThread && !isClusterWorker()) {
  void serve();
}

async function serve(): Promise<void> {
  try {
    const server = await startAutomaticServer(portToServe);
    // With port 0, the message is the only way to learn the port.
    if (server !== null && portToServe === 0) console.error(`thrift-metrics: ${server.url}`);
  } catch (error) {
    currentRuntime().faults.warnOnce('auto', error);
  }
}

/** Reads `THRIFT_METRICS_TRACING`. */
function isTracingAsked(): boolean {
  const { THRIFT_METRICS_TRACING: text = '' } = process.env;
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `THRIFT_METRICS_TRACING is '${text}'. Expected true or false.`,
  );
}

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
