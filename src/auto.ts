/**
 * Measures a program without changes to its code: `node --require thrift-metrics/auto app.js`, or `--import`. Instruments
 * every Thrift server and client that the program creates. Handlers without decorators get all four metrics. Serves the
 * metrics on the port in `THRIFT_METRICS_PORT` (8000 by default) from the first use of Thrift. One process of the program
 * serves the sum over all cluster workers and worker threads. `docs/reference/settings.md` lists the variables, and the keys
 * of a file that `THRIFT_METRICS_CONFIG` names.
 */
// First, so that `Symbol.metadata` exists before any decorated class is evaluated.
import './declaration/symbol-metadata';
import { loadSettings } from './configuration/load';
import { outsideSettingsOf } from './configuration/outside-settings';
import { prepareAutomaticServer } from './endpoint/metrics-server';
import { inventoryOf } from './runtime/inventory';
import { currentRuntime } from './runtime/runtime';
import { isClusterWorker } from './scrape/workers/cluster-worker';
import { enableTracing } from './signals/enable-tracing';
import { findLibraries } from './thrift/library/loader';
import { instrumentLibrary } from './thrift/library/instrument-library';
import { reportMissingLibrary } from './thrift/library/missing-library';
import { reportOtherLibrary } from './thrift/library/other-libraries';
import { reportUnknownLibrary } from './thrift/library/unknown-library';

loadSettings();
inventoryOf(currentRuntime()).isAutomatic = true;
if (outsideSettingsOf(currentRuntime()).createsSpans()) createSpans();
findLibraries({
  found: (library) => instrumentLibrary(currentRuntime(), library),
  unknown: () => reportUnknownLibrary(currentRuntime()),
  other: (name) => reportOtherLibrary(currentRuntime(), name),
  failed: (fault) => currentRuntime().faults.report('auto', fault),
});
reportMissingLibrary(currentRuntime(), () => isClusterWorker() || listensOnTcp());
if (outsideSettingsOf(currentRuntime()).startsServer()) prepareAutomaticServer();

/** Whether a server of the program listens. The server of this package does not keep the process alive, so it does not count. */
function listensOnTcp(): boolean {
  return process.getActiveResourcesInfo?.().includes('TCPServerWrap') ?? true;
}

/** A program without OpenTelemetry must not fail because a setting asks for spans. */
function createSpans(): void {
  try {
    enableTracing();
  } catch (error) {
    currentRuntime().faults.warnOnce('tracing', error);
  }
}
