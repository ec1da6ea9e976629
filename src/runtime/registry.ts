import type { RegistryMetric } from '../metrics/registry-metric';
import { ThriftMetricsError } from '../validation/errors';
import { defaultLabelsOf, type MetricsRegistry } from './metrics-registry';
import type { Settings } from './settings';

/** The part of prom-client or `@prometheus-io/client` that this package uses. */
export interface ClientLibrary {
  register: MetricsRegistry;
  Registry: new () => MetricsRegistry;
  collectDefaultMetrics(options: { register: MetricsRegistry }): void;
  AggregatorRegistry: { aggregate(snapshots: readonly (readonly unknown[])[]): MetricsRegistry };
}

/** The client library of the process and the registry that contains the families. */
export class ClientRegistry {
  private loaded: ClientLibrary | null = null;
  /** Default labels that this package has set on the registry. */
  private appliedLabels: Readonly<Record<string, string>> = {};
  /** Process metrics that this package has registered. */
  private registered: RegistryMetric[] = [];
  /** Every process metric. Created once, because each set observes the event loop and the garbage collector. */
  private collected: RegistryMetric[] | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly copies: ReadonlyMap<string, () => ClientLibrary>,
  ) {}

  /**
   * Loads prom-client or else `@prometheus-io/client`, when it is first needed. Each copy of this package tries, because a
   * global copy may be installed without a client library.
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

  /** The registry that contains the families. */
  current(): MetricsRegistry {
    return (this.settings.registry ??= this.library().register);
  }

  /** Replaces the default labels that this package has set on a registry. Other default labels stay. */
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

  /** Adds the process metrics for a metrics server, unless `configureMetrics` has set `processMetrics`. */
  addDefaultProcessMetrics(): void {
    if (this.settings.processMetrics === null) this.setProcessMetrics(true);
  }

  /** Moves the default labels and process metrics of this package to another registry. `Families` moves the families. */
  move(from: MetricsRegistry, to: MetricsRegistry): void {
    this.setDefaultLabels(from, {});
    if (this.registered.length > 0) {
      this.removeProcessMetrics(from);
      this.addProcessMetrics(to);
    }
    this.settings.registry = to;
  }

  /** Puts the process metrics and default labels back into a registry that was cleared. */
  restore(): void {
    const registry = this.current();
    for (const metric of this.registered) {
      if (registry.getSingleMetric(metric.name) === undefined) registry.registerMetric(metric);
    }
    this.setDefaultLabels(registry, this.settings.defaultLabels);
  }

  /** Skips names that are in use, because the program may have called `collectDefaultMetrics` itself. */
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
 * Excludes the client library's gauges whose names end in `_total`. OpenMetrics does not allow them, and promtool rejects
 * them. The metrics with the same names without `_total` have the same values by type.
 */
function isWellNamed({ name, type }: RegistryMetric): boolean {
  return type === 'counter' || !name.endsWith('_total');
}
