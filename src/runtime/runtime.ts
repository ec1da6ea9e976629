import type { Gate } from '../recording/plan';
import type { Method } from '../recording/wrap';
import type { Family } from '../metrics/family';
import type { RegistryMetric } from '../metrics/registry-metric';
import type { MethodDeclaration } from '../declaration/method';
import type { DeclaredObjective } from '../declaration/objective';
import { defaultSettings, type Settings } from './settings';

/** All that this package keeps in the process. */
export interface State {
  readonly settings: Settings;
  readonly gate: Gate;
  /** By the name they were declared with, prefix excluded. */
  readonly families: Map<string, Family>;
  /** The default labels that this package has set on the registry. */
  appliedLabels: Readonly<Record<string, string>>;
  /** The client library's process metrics, as far as this package registered them. */
  processMetrics: RegistryMetric[];
  /** Sites whose fault was reported. */
  readonly reported: Set<string>;
  /** The declaration behind each wrapper. */
  readonly wrappers: WeakMap<Method, MethodDeclaration>;
  /** Methods of the standard dialect that `NotInstrumented` took out before their class was known. */
  readonly excluded: WeakSet<Method>;
  /** Objectives by the method that they stand on, as it was when they were applied. */
  readonly objectives: WeakMap<Method, DeclaredObjective>;
  /** Objectives of which no measured method is known yet, by where they stand. */
  readonly unmeasured: Map<string, DeclaredObjective>;
  /** Every declaration that has its series, by service, method and metrics: of a class loaded anew, the newest. */
  readonly methods: Map<string, MethodDeclaration>;
}

// The number is that of the layout above: copies of this package that share it share one state, whether they were
// loaded by `import` and `require`, from two places, or anew by Jest.
export const STATE_KEY = Symbol.for('thrift-metrics.state.3');

const holder = globalThis as { [STATE_KEY]?: State };

export const state: State = (holder[STATE_KEY] ??= {
  settings: defaultSettings(),
  gate: { enabled: true },
  families: new Map(),
  appliedLabels: {},
  processMetrics: [],
  reported: new Set(),
  wrappers: new WeakMap(),
  excluded: new WeakSet(),
  objectives: new WeakMap(),
  unmeasured: new Map(),
  methods: new Map(),
});
