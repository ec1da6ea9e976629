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
import { adoptVariables } from './runtime/process-manager';
import { currentRuntime } from './runtime/runtime';
import { findLibraries } from './thrift/library/loader';
import { instrumentLibrary } from './thrift/library/instrument-library';

adoptVariables();
loadSettings();
findLibraries((library) => instrumentLibrary(currentRuntime(), library));
if (outsideSettingsOf(currentRuntime()).startsServer()) prepareAutomaticServer();
