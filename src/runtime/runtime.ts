import type { ExemplarSource } from '../metrics/exemplar';
import { COPY } from '../package-folder';
import type { ErrorTypeSwitch } from '../recording/cells';
import { MainGate } from '../recording/gates';
import { CallChannel } from '../recording/call-channel';
import { ErrorReader } from '../recording/error-details';
import { ErrorSampler } from '../recording/error-sampler';
import { EventLoop } from '../recording/loop-time';
import { CallJournal } from '../recording/call-journal';
import { KeptMethods } from '../recording/kept-methods';
import { Settlements } from '../recording/promise';
import { Families } from './families';
import { Faults } from './faults';
import { loadLibrary } from './client-library';
import { ClientRegistry } from './registry';
import { IdleSeries } from './idle-series';
import { Reports } from './reports';
import { SeriesLimit } from './series-limit';
import { defaultSettings, type Settings } from './settings';
import { UnreadRegistry } from './unread-registry';
import { UserLabels } from './user-labels';

/**
 * All state of this package that outlives a call. A process has one runtime, which all copies of the package share.
 * Exported functions take it from `currentRuntime()`; classes get it in their constructors, so a test can make its own.
 */
export class Runtime {
  /** Loads the client library as a copy of this package sees it, by the folder of the code of each copy in the process. */
  readonly copies = new Map([[COPY, loadLibrary]]);
  readonly settings: Settings = defaultSettings();
  readonly exemplars: ExemplarSource = { labels: null };
  readonly errorTypes: ErrorTypeSwitch = { recorded: false };
  readonly reports = new Reports(this.settings);
  readonly registry = new ClientRegistry(this.settings, this.reports, this.copies);
  readonly families = new Families(this.settings, this.registry, this.exemplars, this.reports);
  readonly unread = new UnreadRegistry(this.families, this.reports);
  readonly faults = new Faults(this.reports, this.families);
  /** Keeps what recent errors said. */
  readonly errors = new ErrorReader(this.faults);
  readonly errorSamples = new ErrorSampler(this.errors);
  /** The switch that `configureMetrics({ enabled })` turns, and the tracing channel of handlers. */
  readonly gate = new MainGate(new CallChannel('server', this.faults));
  /** The tracing channel of clients. */
  readonly clientCalls = new CallChannel('client', this.faults);
  /** What is kept of single calls. */
  readonly journal = new CallJournal(this.gate.calls, this.exemplars, this.errors, this.faults);
  readonly keptCalls = new KeptMethods(this.journal);
  readonly seriesLimit = new SeriesLimit(this.settings, this.families, this.faults);
  readonly idleSeries = new IdleSeries(this.families, this.faults);
  readonly userLabels = new UserLabels(this.settings);
  readonly settlements = new Settlements();
  readonly eventLoop = new EventLoop();
  private readonly parts = new Map<string, unknown>();

  constructor() {
    this.registry.whenSettled.push((registry) => this.unread.watch(registry));
  }

  /** Returns the part with this name, and creates it on first use. Modules call {@link definePart} instead. */
  part<T>(name: string, create: (runtime: Runtime) => T): T {
    if (!this.parts.has(name)) this.parts.set(name, create(this));
    return this.parts.get(name) as T;
  }
}

/**
 * Defines a part of the runtime for a module above `runtime/`, and returns the function that reads it. The state of that
 * module lives in the runtime, and `runtime/` does not need to know the module.
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
 * The key of the runtime on `globalThis`. Its number changes with the layout of the runtime or its parts, so that two
 * versions of this package in one process do not misread each other.
 */
export const RUNTIME_KEY: unique symbol = Symbol.for('thrift-metrics.runtime.1');

/** Returns the runtime of this process, which every copy of the package shares. */
export function currentRuntime(): Runtime {
  const holder = globalThis as { [RUNTIME_KEY]?: Runtime };
  const runtime = (holder[RUNTIME_KEY] ??= new Runtime());
  // Another copy may have created the runtime, or a test runner may have evaluated this one again, with a client library of
  // its own. The evaluation that is in use knows which client library the program sees.
  runtime.copies.set(COPY, loadLibrary);
  return runtime;
}

currentRuntime();
