import type { RegistryMetric } from '../metrics/registry-metric';
import { ClientLibraries, type ClientLibrary } from './client-library';
import { defaultLabelsOf, type MetricsRegistry } from './metrics-registry';
import { watchRegistry } from './registry-watch';
import type { Reports } from './reports';
import type { Settings } from './settings';

/** The client library of the process and the registry that contains the families. */
export class ClientRegistry {
  /** Run when other code has cleared the registry. */
  readonly whenCleared: (() => void)[] = [];
  /** Run with the registry that contains the families from now on. */
  readonly whenSettled: ((registry: MetricsRegistry) => void)[] = [];
  private readonly libraries: ClientLibraries;
  /** The registry that contains the families. Null until something needs it. */
  private home: MetricsRegistry | null = null;
  private unwatch: () => void = () => {};
  /** Default labels that this package has set on the registry. */
  private appliedLabels: Readonly<Record<string, string>> = {};
  /** Process metrics that this package has registered. */
  private registered: RegistryMetric[] = [];
  /** Whether a metrics server has asked for the process metrics. */
  private isServed = false;
  /** Every process metric. Created once, because each set observes the event loop and the garbage collector. */
  private collected: RegistryMetric[] | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly reports: Reports,
    copies: ReadonlyMap<string, () => ClientLibrary>,
  ) {
    this.libraries = new ClientLibraries(copies);
  }

  /** The client library, loaded when it is first needed. */
  library(): ClientLibrary {
    return this.libraries.current();
  }

  /**
   * Looks for client libraries that the program has loaded since the last time, unless a registry is configured. Takes
   * about 0.1 ms for a thousand modules.
   */
  checkLibraries(): void {
    if (this.settings.registry !== null) return;
    const problem = this.libraries.chooseAgain();
    if (problem !== null) this.reports.warnOnce('client library', problem);
  }

  /** The registry that contains the families. */
  current(): MetricsRegistry {
    if (this.home === null) this.enter(this.target());
    return this.home as MetricsRegistry;
  }

  /** Whether the registry is in use. Until then, settings wait, so that they alone do not load the client library. */
  isSettled(): boolean {
    return this.home !== null;
  }

  /**
   * The registry that should contain the families: the configured one, or else the global registry of the client library.
   * A test runner that resets modules loads that library again, with another global registry.
   */
  target(): MetricsRegistry {
    return this.settings.registry ?? this.library().register;
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

  /** Adds or removes the client library's process metrics. Null adds them if a metrics server has started. */
  setProcessMetrics(on: boolean | null): void {
    this.settings.processMetrics = on;
    if (this.home === null) return;
    this.removeProcessMetrics(this.home);
    if (on ?? this.isServed) this.addProcessMetrics(this.home);
  }

  /** Adds the process metrics for a metrics server, unless `processMetrics` is set. */
  addDefaultProcessMetrics(): void {
    this.isServed = true;
    if (this.settings.processMetrics !== null) return;
    this.current();
    this.setProcessMetrics(null);
  }

  /** Moves the default labels and process metrics of this package to another registry. `Families` moves the families. */
  move(from: MetricsRegistry, to: MetricsRegistry): void {
    const hadProcessMetrics = this.registered.length > 0;
    this.setDefaultLabels(from, {});
    this.removeProcessMetrics(from);
    this.settle(to);
    if (hadProcessMetrics) this.addProcessMetrics(to);
    this.setDefaultLabels(to, this.settings.defaultLabels);
  }

  /** Starts to use the first registry, with the settings that waited for it. */
  private enter(registry: MetricsRegistry): void {
    this.settle(registry);
    const { defaultLabels, processMetrics } = this.settings;
    if (Object.keys(defaultLabels).length > 0) this.setDefaultLabels(registry, defaultLabels);
    if (processMetrics === true) this.addProcessMetrics(registry);
  }

  private settle(registry: MetricsRegistry): void {
    this.unwatch();
    this.home = registry;
    this.unwatch = watchRegistry(registry, {
      cleared: () => this.whenCleared.forEach((run) => run()),
      registering: (metric) => this.yieldName(registry, metric),
    });
    for (const run of this.whenSettled) run(registry);
  }

  /**
   * Removes a process metric of this package in favor of another one with the same name, because the client library's
   * `collectDefaultMetrics` fails if a name is in use.
   */
  private yieldName(registry: MetricsRegistry, metric: RegistryMetric): void {
    const own = this.registered.find(({ name }) => name === metric.name);
    if (own === undefined || own === metric) return;
    this.registered = this.registered.filter((other) => other !== own);
    if (registry.getSingleMetric(own.name) === own) registry.removeSingleMetric(own.name);
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
