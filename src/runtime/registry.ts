import type { RegistryMetric } from '../metrics/registry-metric';
import { ThriftMetricsError } from '../validation/errors';
import type { Settings } from './settings';

/**
 * The part of a registry that this package uses, which prom-client 15 and `@prometheus-io/client` 0.16 have in common.
 * It is structural because the types of the two libraries do not match.
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

const REGISTRY_METHODS = [
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
    REGISTRY_METHODS.every(
      (method) => typeof (value as Record<string, unknown>)[method] === 'function',
    )
  );
}

/** The default labels of a registry. Both libraries keep them in a field and offer no other way to read them. */
export function defaultLabelsOf(registry: MetricsRegistry): Readonly<Record<string, string>> {
  return (registry as { _defaultLabels?: Record<string, string> })._defaultLabels ?? {};
}

/** The part of prom-client, or of its successor, that this package uses. */
export interface ClientLibrary {
  register: MetricsRegistry;
  Registry: new () => MetricsRegistry;
  collectDefaultMetrics(options: { register: MetricsRegistry }): void;
  AggregatorRegistry: { aggregate(snapshots: readonly (readonly unknown[])[]): MetricsRegistry };
}

/** The client library of the process, and the registry in which the families live. */
export class ClientRegistry {
  private loaded: ClientLibrary | null = null;
  /** The default labels that this package has set on the registry. */
  private appliedLabels: Readonly<Record<string, string>> = {};
  /** The process metrics that this package has registered. */
  private registered: RegistryMetric[] = [];
  /** Every process metric; each set of them holds observers of the event loop and of the garbage collector. */
  private collected: RegistryMetric[] | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly copies: ReadonlyMap<string, () => ClientLibrary>,
  ) {}

  /**
   * The installed client library: prom-client, or else `@prometheus-io/client`. Loaded when it is first needed, by the first
   * copy of this package that finds it: a global copy may be installed without one.
   */
  library(): ClientLibrary {
    if (this.loaded !== null) return this.loaded;
    let fault: unknown;
    for (const load of this.copies.values()) {
      try {
        return (this.loaded = load());
      } catch (error) {
        fault ??= error;
      }
    }
    throw fault;
  }

  /** The registry in which the families live. */
  current(): MetricsRegistry {
    return (this.settings.registry ??= this.library().register);
  }

  /** Replaces the default labels that this package has set on a registry. Labels that others have set stay. */
  setDefaultLabels(registry: MetricsRegistry, labels: Readonly<Record<string, string>>): void {
    const others: Record<string, string> = { ...defaultLabelsOf(registry) };
    for (const [name, value] of Object.entries(this.appliedLabels)) {
      if (others[name] === value) delete others[name];
    }
    registry.setDefaultLabels({ ...others, ...labels });
    this.appliedLabels = labels;
  }

  /** Adds or removes the client library's process metrics. */
  setProcessMetrics(on: boolean): void {
    this.settings.processMetrics = on;
    const registry = this.current();
    this.removeProcessMetrics(registry);
    if (on) this.addProcessMetrics(registry);
  }

  /** Adds the process metrics unless `configureMetrics` has decided about them. For the metrics server. */
  addDefaultProcessMetrics(): void {
    if (this.settings.processMetrics === null) this.setProcessMetrics(true);
  }

  /** Moves what this package has put into one registry to another; the families move by themselves. */
  move(from: MetricsRegistry, to: MetricsRegistry): void {
    this.setDefaultLabels(from, {});
    if (this.registered.length > 0) {
      this.removeProcessMetrics(from);
      this.addProcessMetrics(to);
    }
    this.settings.registry = to;
  }

  /** Puts process metrics and default labels back into a registry that was cleared. */
  restore(): void {
    const registry = this.current();
    for (const metric of this.registered) {
      if (registry.getSingleMetric(metric.name) === undefined) registry.registerMetric(metric);
    }
    this.setDefaultLabels(registry, this.settings.defaultLabels);
  }

  /** Skips names that are taken, because the program may have called `collectDefaultMetrics` itself. */
  private addProcessMetrics(registry: MetricsRegistry): void {
    this.collected ??= collectProcessMetrics(this.library());
    for (const metric of this.collected.filter(isWellNamed)) {
      if (registry.getSingleMetric(metric.name) !== undefined) continue;
      registry.registerMetric(metric);
      this.registered.push(metric);
    }
  }

  private removeProcessMetrics(registry: MetricsRegistry): void {
    for (const metric of this.registered.splice(0)) {
      if (registry.getSingleMetric(metric.name) === metric) {
        registry.removeSingleMetric(metric.name);
      }
    }
  }
}

/** Loads the client library that is installed for this copy of the package. */
export function loadLibrary(): ClientLibrary {
  try {
    return require('prom-client') as ClientLibrary;
  } catch (error) {
    try {
      return require('@prometheus-io/client') as ClientLibrary;
    } catch {
      throw new ThriftMetricsError(
        'TM_ERR_CLIENT_LIBRARY',
        'Neither prom-client nor @prometheus-io/client can be loaded. Install one of them.',
        { cause: error },
      );
    }
  }
}

function collectProcessMetrics(client: ClientLibrary): RegistryMetric[] {
  const own = new client.Registry();
  client.collectDefaultMetrics({ register: own });
  return own.getMetricsAsArray() as RegistryMetric[];
}

/**
 * Excludes gauges whose names end in `_total`, which the client library has: promtool refuses them, and OpenMetrics does
 * not allow them. The metrics of the same names without `_total` have the same values by type.
 */
function isWellNamed({ name, type }: RegistryMetric): boolean {
  return type === 'counter' || !name.endsWith('_total');
}
