import { ThriftMetricsError } from '../validation/errors';
import type { Families } from './families';
import { hideMethod } from './hidden-method';
import type { MetricsRegistry } from './metrics-registry';
import type { Reports } from './reports';

/** So many reads of other registries without one of ours are reported. Prometheus reads two endpoints of a program in turn. */
const READS = 3;

/**
 * Notices a program that serves a registry of its own, in which the metrics of this package are not. Client libraries do not
 * tell which registries exist, so the method `metrics` of their class is hidden behind one that notes the read.
 */
export class UnreadRegistry {
  /** The objects whose method `metrics` is hidden. */
  private readonly watched = new WeakSet<object>();
  /** The registry that contains the families. */
  private home: MetricsRegistry | null = null;
  /** Reads of other registries without one of ours. -Infinity once ours were read, so that it never counts up to the limit. */
  private readsOfOthers = 0;

  constructor(
    private readonly families: Families,
    private readonly reports: Reports,
  ) {}

  /** Watches the class of the registry that contains the families now. */
  watch(registry: MetricsRegistry): void {
    if (registry !== this.home) this.readsOfOthers = 0;
    this.home = registry;
    const prototype = objectWith(registry, 'metrics');
    if (prototype === null || this.watched.has(prototype)) return;
    this.watched.add(prototype);
    hideMethod(prototype, 'metrics', (original, receiver) => {
      if (receiver === this.home) this.noteRead();
      else this.noteOther(receiver as MetricsRegistry);
      return original();
    });
  }

  /** Called when the families are read, in any way. */
  noteRead(): void {
    this.readsOfOthers = Number.NEGATIVE_INFINITY;
  }

  private noteOther(registry: MetricsRegistry): void {
    // Most programs end here, because adding 1 to -Infinity changes nothing.
    if (++this.readsOfOthers < READS || this.contains(registry)) return;
    this.noteRead();
    this.reports.warnOnce('registry', notServed());
  }

  /** Whether another registry has our metrics too: one that merges or aggregates registries. */
  private contains(registry: MetricsRegistry): boolean {
    try {
      return [...this.families].some(({ name }) => registry.getSingleMetric(name) !== undefined);
    } catch {
      return true;
    }
  }
}

/** The object, or the one of its prototypes, that itself has the property. Null if none does. */
function objectWith(start: object, name: string): object | null {
  let object: object | null = start;
  while (object !== null && !Object.hasOwn(object, name)) {
    object = Object.getPrototypeOf(object) as object | null;
  }
  return object;
}

function notServed(): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_REGISTRY_NOT_SERVED',
    'This program reads a registry that does not contain the metrics of thrift-metrics, and never the one that does. ' +
      'Put them into the registry that is served, as in configureMetrics({ registry }), or serve the global registry too.',
  );
}
