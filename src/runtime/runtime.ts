import type { ExemplarSource } from '../metrics/exemplar';
import { PACKAGE_FOLDER } from '../package-folder';
import type { Gate } from '../recording/plan';
import { Settlements } from '../recording/promise';
import { Families } from './families';
import { Faults } from './faults';
import { ClientRegistry, loadLibrary } from './registry';
import { SeriesLimit } from './series-limit';
import { defaultSettings, type Settings } from './settings';

/**
 * Everything of this package that outlives a call. A process has one runtime, which all copies of the package share.
 * Exported functions take it from `currentRuntime()`; classes get it in their constructors, so a test can make its own.
 */
export class Runtime {
  /** The copies of this package in the process, by the folders of their code, with what loads the client library there. */
  readonly copies = new Map([[PACKAGE_FOLDER, loadLibrary]]);
  readonly settings: Settings = defaultSettings();
  /** The switch that `configureMetrics({ enabled })` turns. */
  readonly gate: Gate = { enabled: true };
  readonly exemplars: ExemplarSource = { labels: null };
  readonly registry = new ClientRegistry(this.settings, this.copies);
  readonly families = new Families(this.settings, this.registry, this.exemplars);
  readonly faults = new Faults(this.settings, this.families);
  readonly seriesLimit = new SeriesLimit(this.settings, this.families, this.faults);
  readonly settlements = new Settlements();
  private readonly parts = new Map<string, unknown>();

  /** The part of the runtime with this name, created when it is first asked for. Modules use {@link definePart}. */
  part<T>(name: string, create: (runtime: Runtime) => T): T {
    if (!this.parts.has(name)) this.parts.set(name, create(this));
    return this.parts.get(name) as T;
  }
}

/**
 * Defines a part of the runtime that belongs to a module above it, and returns its reader: `runtime/` does not know the
 * module, and the module keeps no state of its own.
 *
 * @example
 * ```ts
 * export const declarationsOf = definePart('declarations', () => new Declarations());
 * declarationsOf(currentRuntime()).methods;
 * ```
 */
export function definePart<T>(
  name: string,
  create: (runtime: Runtime) => T,
): (runtime: Runtime) => T {
  return (runtime) => runtime.part(name, create);
}

/**
 * The number changes whenever the layout of the runtime or of its parts does, so that two versions of this package that
 * meet in one process do not misread each other.
 */
export const RUNTIME_KEY: unique symbol = Symbol.for('thrift-metrics.runtime.1');

/** The runtime of this process, shared by every copy of the package however it was loaded. */
export function currentRuntime(): Runtime {
  const holder = globalThis as { [RUNTIME_KEY]?: Runtime };
  const runtime = (holder[RUNTIME_KEY] ??= new Runtime());
  runtime.copies.set(PACKAGE_FOLDER, loadLibrary);
  return runtime;
}
