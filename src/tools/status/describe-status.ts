import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

import { declaredMethods } from '../../declaration/describe';
import { CATALOGUE, LABEL, type CatalogueEntry } from '../../metrics/catalogue';
import type { Family, Series } from '../../metrics/family';
import { loadedLibraries, type ClientLibrary } from '../../runtime/client-library';
import { inventoryOf } from '../../runtime/inventory';
import { packageFolder } from '../../runtime/package-paths';
import type { Runtime } from '../../runtime/runtime';
import { loadedThrifts, packageVersion, versionIn } from '../../runtime/versions';
import { isClusterWorker } from '../../scrape/workers/cluster-worker';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import { COPY } from '../../package-folder';
import { groupBy } from '../group-by';
import { describedSettingsOf } from './described-settings';
import {
  STATUS_FORM,
  type DetailStatus,
  type FaultStatus,
  type Instrumented,
  type LoadedVersions,
  type ProcessDescription,
  type ProcessStatus,
  type RegistryStatus,
  type SeriesStatus,
} from './process-status';
import { servedEndpointsOf } from './served-endpoints';

/** Describes what this process measures and what it does not. Changes nothing. */
export function describeStatus(runtime: Runtime): ProcessStatus {
  return {
    form: STATUS_FORM,
    process: describeProcess(runtime),
    versions: describeVersions(runtime),
    isRecording: runtime.gate.enabled,
    details: describeDetails(runtime),
    instrumented: describeInstrumented(runtime),
    registry: describeRegistry(runtime),
    endpoints: servedEndpointsOf(runtime).all(),
    settings: describedSettingsOf(runtime).describe(),
    series: describeSeries(runtime),
    faults: describeFaults(runtime),
  };
}

function describeProcess(runtime: Runtime): ProcessDescription {
  const { bun, deno, node } = process.versions as NodeJS.ProcessVersions & {
    bun?: string;
    deno?: string;
  };
  const workers = peerGroupOf(runtime).size;
  return {
    pid: process.pid,
    parentPid: process.ppid,
    program: process.argv[1] ?? null,
    uptime: Math.round(process.uptime()),
    runtime: bun !== undefined ? 'Bun' : deno !== undefined ? 'Deno' : 'Node.js',
    runtimeVersion: bun ?? deno ?? node,
    role: roleOf(workers),
    workers,
  };
}

function describeDetails({ journal, errors, settings }: Runtime): DetailStatus {
  const { callers } = settings;
  return {
    calls: journal.enabled,
    arguments: journal.enabled && journal.writer !== null,
    errors: !errors.isOn ? 'not kept' : errors.isRedacted ? 'redacted' : 'kept',
    callers: callers === null ? 'named' : callers ? 'all' : 'none',
  };
}

function roleOf(workers: number): ProcessDescription['role'] {
  if (!isMainThread) return 'worker thread';
  if (isClusterWorker()) return 'cluster worker';
  return workers > 0 ? 'primary' : 'single';
}

function describeVersions(runtime: Runtime): LoadedVersions {
  const { libraries, otherLibraries } = inventoryOf(runtime);
  const used = usedLibrary(runtime);
  const automatic = new Set(libraries.map(({ folder }) => folder));
  return {
    package: [...runtime.copies.keys()].map((folder) => ({
      version: folder === COPY ? packageVersion() : versionIn(join(folder, '..')),
      folder,
    })),
    clientLibraries: loadedLibraries().map(({ name, file, library }) => {
      const folder = packageFolder(file, name) ?? file;
      return { name, version: versionIn(folder), folder, isUsed: library === used };
    }),
    thrift: loadedThrifts().map((copy) => ({ ...copy, isAutomatic: automatic.has(copy.folder) })),
    otherThrift: [...otherLibraries],
  };
}

function usedLibrary({ registry }: Runtime): ClientLibrary | null {
  try {
    return registry.library();
  } catch {
    return null;
  }
}

function describeInstrumented(runtime: Runtime): Instrumented {
  const inventory = inventoryOf(runtime);
  const handlers = groupBy(declaredMethods(runtime), ({ service }) => service);
  const messages = groupBy(labelsOf(runtime, CATALOGUE.messages), (labels) => labels[0]);
  const requests = groupBy(labelsOf(runtime, CATALOGUE.clientRequests), ([service, , name]) =>
    JSON.stringify([service, name]),
  );
  return {
    isAutomatic: inventory.isAutomatic,
    handlers: [...handlers].map(([service, methods]) => ({
      service,
      methods: methods.map(({ method, metrics }) => ({
        method,
        metrics: metrics.map(({ kind }) => kind),
      })),
    })),
    facades: [...inventory.facades].map(([service, count]) => ({ service, count })),
    services: [...messages].map(([service, all]) => ({ service, methods: methodsIn(all) })),
    servers: inventory
      .currentServers()
      .map((server) => ({ transport: server.transport(), address: server.address() })),
    clients: [...requests.values()].flatMap((all) => {
      const [first] = all;
      if (first === undefined) return [];
      const [service, , name] = first;
      return { service, name, methods: methodsIn(all) };
    }),
  };
}

type CallLabels = readonly [service: string, method: string, clientName: string];

/** The labels of every series of a built-in metric. */
function labelsOf({ families }: Runtime, entry: CatalogueEntry): CallLabels[] {
  const family = families.find(entry);
  if (family === undefined) return [];
  return [...family.series()].map(({ labels }) => [
    labels[LABEL.service] ?? '',
    labels[LABEL.method] ?? '',
    labels[LABEL.clientName] ?? '',
  ]);
}

function methodsIn(all: readonly CallLabels[]): string[] {
  return [...new Set(all.map(([, method]) => method))];
}

function describeRegistry(runtime: Runtime): RegistryStatus {
  const { registry, settings, families } = runtime;
  const home = registry.current();
  const all = [...families];
  const missing = all.filter((family) => home.getSingleMetric(family.registeredName) !== family);
  const global = loadedLibraries().find(({ library }) => library.register === home);
  return {
    library: global?.name ?? null,
    prefix: settings.prefix,
    metrics: all.length - missing.length,
    otherMetrics: home.getMetricsAsArray().filter((metric) => !families.has(metric)).length,
    missing: missing.map(({ registeredName }) => registeredName),
  };
}

function describeSeries(runtime: Runtime): SeriesStatus {
  const { families, settings } = runtime;
  const dropped = countsBy(families.find(CATALOGUE.droppedSeries), LABEL.metric);
  return {
    limit: settings.maxSeriesPerMetric,
    metrics: [...families]
      .map(({ registeredName, size }) => ({
        metric: registeredName,
        series: size,
        dropped: dropped.get(registeredName) ?? 0,
      }))
      .toSorted((a, b) => b.series - a.series),
  };
}

/** Lists every site with a fault or a report. */
function describeFaults({ families, reports }: Runtime): FaultStatus[] {
  const counts = countsBy(families.find(CATALOGUE.internalErrors), LABEL.site);
  const reported = new Map(reports.all().map((report) => [report.site, report]));
  const failed = [...counts].filter(([, count]) => count > 0).map(([site]) => site);
  return [...new Set([...reported.keys(), ...failed])].map((site) => ({
    site,
    count: counts.get(site) ?? 0,
    code: reported.get(site)?.code ?? null,
    message: reported.get(site)?.message ?? '',
  }));
}

function countsBy(family: Family | undefined, label: string): Map<string, number> {
  const series = [...(family?.series() ?? [])] as Series<'counter'>[];
  return new Map(series.map(({ labels, cell }) => [labels[label] ?? '', cell.read()]));
}
