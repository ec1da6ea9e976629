import type { RegistryMetric } from '../metrics/registry-metric';
import { ThriftMetricsError } from '../validation/errors';
import { state } from './runtime';

/** The part of prom-client, or of its successor, that this package calls. */
export interface ClientLibrary {
  register: MetricsRegistry;
  Registry: new () => MetricsRegistry;
  collectDefaultMetrics(options: { register: MetricsRegistry }): void;
  AggregatorRegistry: { aggregate(snapshots: readonly (readonly unknown[])[]): MetricsRegistry };
}

let library: ClientLibrary | undefined;

/** The installed client library: prom-client, else @prometheus-io/client. Loaded when first needed. */
export function clientLibrary(): ClientLibrary {
  library ??= load();
  return library;
}

function load(): ClientLibrary {
  try {
    return require('prom-client') as ClientLibrary;
  } catch (error) {
    try {
      return require('@prometheus-io/client') as ClientLibrary;
    } catch {
      throw new ThriftMetricsError(
        'TM_ERR_CLIENT_LIBRARY',
        'neither prom-client nor @prometheus-io/client can be loaded; install one of them',
        { cause: error },
      );
    }
  }
}

/**
 * What this package needs of a registry: a part that prom-client 15 and `@prometheus-io/client` 0.16 have in common.
 * Structural, since the two libraries' own types do not match.
 */
export interface MetricsRegistry {
  /* oxlint-disable typescript/no-explicit-any -- either library's own metric type is accepted */
  registerMetric(metric: any): void;
  getSingleMetric(name: string): any;
  removeSingleMetric(name: string): void;
  setDefaultLabels(labels: any): void;
  getMetricsAsArray(): any[];
  /* oxlint-enable typescript/no-explicit-any */
}

const METHODS = [
  'registerMetric',
  'getSingleMetric',
  'removeSingleMetric',
  'setDefaultLabels',
  'getMetricsAsArray',
] as const satisfies readonly (keyof MetricsRegistry)[];

export function isMetricsRegistry(value: unknown): value is MetricsRegistry {
  return (
    typeof value === 'object' &&
    value !== null &&
    METHODS.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
  );
}

/** The default labels a registry has. Both libraries keep them in a field and offer no other way to read them. */
export function defaultLabelsOf(registry: MetricsRegistry): Readonly<Record<string, string>> {
  return (registry as { _defaultLabels?: Record<string, string> })._defaultLabels ?? {};
}

/** The registry in which families live. */
export function currentRegistry(): MetricsRegistry {
  return (state.settings.registry ??= clientLibrary().register);
}

/** Puts our default labels on a registry in place of those set before, and leaves those that others have set. */
export function applyDefaultLabels(
  registry: MetricsRegistry,
  labels: Readonly<Record<string, string>>,
): void {
  const others: Record<string, string> = { ...defaultLabelsOf(registry) };
  for (const [name, value] of Object.entries(state.appliedLabels)) {
    if (others[name] === value) delete others[name];
  }
  registry.setDefaultLabels({ ...others, ...labels });
  state.appliedLabels = labels;
}

let collected: RegistryMetric[] | undefined;

/**
 * Adds the client library's process metrics to a registry, except for names it already has: the program may have
 * called `collectDefaultMetrics` itself.
 */
export function addProcessMetrics(registry: MetricsRegistry): void {
  for (const metric of processMetrics().filter(isWellNamed)) {
    if (registry.getSingleMetric(metric.name) !== undefined) continue;
    registry.registerMetric(metric);
    state.processMetrics.push(metric);
  }
}

export function removeProcessMetrics(registry: MetricsRegistry): void {
  for (const metric of state.processMetrics.splice(0)) {
    if (registry.getSingleMetric(metric.name) === metric) registry.removeSingleMetric(metric.name);
  }
}

/**
 * The client library has gauges whose names end in `_total`, as only those of counters do: promtool refuses them, and in
 * OpenMetrics they are invalid. The same values stand in the metrics of that name without `_total`, by type.
 */
function isWellNamed({ name, type }: RegistryMetric): boolean {
  return type === 'counter' || !name.endsWith('_total');
}

/** Collected once: each set holds observers of the event loop and the garbage collector. */
function processMetrics(): RegistryMetric[] {
  if (collected === undefined) {
    const client = clientLibrary();
    const own = new client.Registry();
    client.collectDefaultMetrics({ register: own });
    collected = own.getMetricsAsArray() as RegistryMetric[];
  }
  return collected;
}
