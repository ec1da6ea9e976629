/**
 * Measures a program without changes to its code: `node --require thrift-metrics/auto app.js`, or `--import`. Instruments
 * every Thrift server and client that the program creates. Handlers without decorators get all four metrics. Serves the
 * metrics on the port in `THRIFT_METRICS_PORT` (8000 by default). Cluster workers and worker threads are measured, but only
 * the primary and the main thread serve. `docs/reference/settings.md` lists the variables, and the keys of a file that
 * `THRIFT_METRICS_CONFIG` names.
 */
import { isMainThread } from 'node:worker_threads';

// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './declaration/symbol-metadata';
import './scrape/workers/join';
import { loadSettings } from './configuration/load';
import { outsideSettingsOf } from './configuration/outside-settings';
import { startAutomaticServer } from './endpoint/metrics-server';
import { serverDefaultsOf } from './endpoint/server-defaults';
import { currentRuntime } from './runtime/runtime';
import { findLibraries } from './thrift/library/loader';
import { instrumentLibrary } from './thrift/library/instrument-library';
import { isClusterWorker } from './scrape/workers/cluster-worker';

loadSettings();
findLibraries((library) => instrumentLibrary(currentRuntime(), library));
if (isMainThread && !isClusterWorker() && outsideSettingsOf(currentRuntime()).startsServer()) {
  void serve();
}

async function serve(): Promise<void> {
  const runtime = currentRuntime();
  try {
    const { port } = serverDefaultsOf(runtime).options;
    const server = await startAutomaticServer();
    // With port 0, the message is the only way to learn the port.
    if (server !== null && port === 0) console.error(`thrift-metrics: ${server.url}`);
  } catch (error) {
    runtime.faults.warnOnce('auto', error);
  }
}
