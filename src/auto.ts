/**
 * `node --require thrift-metrics/auto app.js`, or `--import`: instruments every Thrift server and client that the
 * program makes, and serves the metrics on `THRIFT_METRICS_PORT` (8000), with the default labels of
 * `THRIFT_METRICS_LABELS` (`env=prod,region=eu`). Handlers that carry no decorator get all four metrics; those that do
 * are left as they are. A cluster worker or worker thread is measured and leaves serving to its primary or main thread.
 */
import { isMainThread } from 'node:worker_threads';

import './index';
import { startAutomaticServer } from './endpoint/metrics-server';
import { ThriftMetricsError } from './validation/errors';
import { configureMetrics } from './api/configure';
import { currentRuntime } from './runtime/runtime';
import { findLibraries } from './thrift/library/find-libraries';
import { instrumentLibrary } from './thrift/library/instrument-library';
import { isClusterWorker } from './scrape/workers/listen';

const { THRIFT_METRICS_PORT: port, THRIFT_METRICS_LABELS: labels } = process.env;

const portToServe = parsePort(port);
if (labels !== undefined) configureFromEnvironment(labels);
findLibraries((library) => instrumentLibrary(currentRuntime(), library));
if (isMainThread && !isClusterWorker()) {
  void serve();
}

async function serve(): Promise<void> {
  try {
    const server = await startAutomaticServer(portToServe);
    // Nobody can know a free port otherwise.
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
    `THRIFT_METRICS_PORT is '${text}'; a whole number from 0 to 65535 is expected`,
  );
}

function configureFromEnvironment(text: string): void {
  const defaultLabels: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [name = '', ...value] = pair.split('=');
    if (value.length === 0) {
      throw new ThriftMetricsError(
        'TM_ERR_OPTION_INVALID',
        `THRIFT_METRICS_LABELS holds '${pair}'; labels as in env=prod,region=eu are expected`,
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
