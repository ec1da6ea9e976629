/**
 * Measures a program without changes to its code: `node --require thrift-metrics/auto app.js`, or `--import`. Instruments
 * every Thrift server and client that the program creates. Handlers without decorators get all four metrics. Serves the
 * metrics on the port in `THRIFT_METRICS_PORT` (8000 by default), with the default labels in `THRIFT_METRICS_LABELS`
 * (`env=prod,region=eu`). Cluster workers and worker threads are measured, but only the primary and the main thread serve.
 */
import { isMainThread } from 'node:worker_threads';

// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './declaration/symbol-metadata';
import './scrape/workers/join';
import { startAutomaticServer } from './endpoint/metrics-server';
import { ThriftMetricsError } from './validation/errors';
import { configureMetrics } from './api/configure';
import { inventoryOf } from './runtime/inventory';
import { currentRuntime } from './runtime/runtime';
import { findLibraries } from './thrift/library/loader';
import { instrumentLibrary } from './thrift/library/instrument-library';
import { reportMissingLibrary } from './thrift/library/missing-library';
import { reportOtherLibrary } from './thrift/library/other-libraries';
import { reportUnknownLibrary } from './thrift/library/unknown-library';
import { isClusterWorker } from './scrape/workers/cluster-worker';

const { THRIFT_METRICS_PORT: port, THRIFT_METRICS_LABELS: labels } = process.env;

const portToServe = parsePort(port);
if (labels !== undefined) configureFromEnvironment(labels);
inventoryOf(currentRuntime()).isAutomatic = true;
findLibraries({
  found: (library) => instrumentLibrary(currentRuntime(), library),
  unknown: () => reportUnknownLibrary(currentRuntime()),
  other: (name) => reportOtherLibrary(currentRuntime(), name),
});
reportMissingLibrary(currentRuntime(), () => isClusterWorker() || listensOnTcp());
if (isMainThread && !isClusterWorker()) {
  void serve();
}

/** Whether a server of the program listens. The server of this package does not keep the process alive, so it does not count. */
function listensOnTcp(): boolean {
  return process.getActiveResourcesInfo?.().includes('TCPServerWrap') ?? true;
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
