import { ThriftMetricsError } from '../validation/errors';
import type { Families } from './families';
import { hideMethod } from './hidden-method';
import type { MetricsRegistry } from './metrics-registry';
import type { Reports } from './reports';

/** Reads of another registry without one of ours. Two endpoints that Prometheus scrapes by turns are read equally often. */
const READS = 3;

/**
 * Notices a program that serves a registry of its own, in which the metrics of this package are not. Client libraries do not
 * tell which registries exist, so a method hides `metrics` of their class.
 */
export class UnreadRegistry {
  private readonly watched = new WeakSet<object>();
  private home: MetricsRegistry | null = null;
  private readsOfOthers = 0;

  constructor(
    private readonly families: Families,
    private readonly reports: Reports,
  ) {}

  /** Watches the class of the registry that contains the families now. */
  watch(registry: MetricsRegistry): void {
    if (registry !== this.home) this.readsOfOthers = 0;
    this.home = registry;
    const holder = holderOf(registry, 'metrics');
    if (holder === null || this.watched.has(holder)) return;
    this.watched.add(holder);
    hideMethod(holder, 'metrics', (original, receiver) => {
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
    // Also false for -Infinity, so that a program whose metrics are read pays nothing.
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

function holderOf(object: object, name: string): object | null {
  let holder: object | null = object;
  while (holder !== null && !Object.hasOwn(holder, name)) {
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return holder;
}

function notServed(): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_REGISTRY_NOT_SERVED',
    'This program reads a registry that does not contain the metrics of thrift-metrics, and never the one that does. ' +
      'Put them into the registry that is served, as in configureMetrics({ registry }), or serve the global registry too.',
  );
}
