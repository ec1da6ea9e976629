import { CATALOGUE, type MetricKind } from '../metrics/catalogue';
import type { AgeCell } from '../metrics/cell';
import type { Family, StoredSeries } from '../metrics/family';
import type { DeclaredExceptions } from '../recording/error-recorder';
import type { MethodGate } from '../recording/gates';
import type { LoopTime } from '../recording/loop-time';
import { createPlan, type Plan } from '../recording/plan';
import { UNKNOWN } from '../recording/guards';
import type { Method } from '../recording/wrap';
import { locationOf } from './location';
import type { Runtime } from '../runtime/runtime';
import type { MetricSpec } from './metric-spec';
import type { DeclaredObjective } from './objective';

/** A series that a declaration refers to, with its family. */
export interface ReferencedSeries {
  readonly family: Family;
  readonly series: StoredSeries;
}

/** One wrapper on one method, or all wrappers of one method of a facade: the declared metrics, and the plan of the wrapper. */
export class MethodDeclaration {
  readonly plan: Plan;
  readonly gate: MethodGate;
  readonly method: string;
  readonly specs: MetricSpec[] = [];
  /** Every wrapper of the method, this one too, the innermost first. A second metric of one kind has a wrapper of its own. */
  wrappers: MethodDeclaration[] = [this];
  /** The series with constant labels that the plan writes to. */
  series: ReferencedSeries[] = [];
  /** Records how long calls hold the event loop. The plan has it unless rules exclude its metrics. Null if none is timed. */
  loop: LoopTime | null = null;
  /** Shows the age of the oldest call in progress. Null if no metric does. */
  age: AgeCell | null = null;
  /** The objective that the decorators of the method or its class declare, or null. */
  objectiveInCode: DeclaredObjective | null = null;
  /** The objective of the method, of a rule or in the code, or null. */
  objective: DeclaredObjective | null = null;
  /** The exceptions that the service declares for the method. Null until a processor serves the method. */
  throws: DeclaredExceptions | null = null;
  /** Whether the wrapper is the variant for metrics that depend on the call. */
  needsCall = false;
  /** The class that declares the method, or the name of the class of a handler object. Null until it is known. */
  declaringClass: { readonly name: string } | null = null;
  /** The function of the handler that a facade has measured last, for as long as the handler keeps it in memory. */
  measured: WeakRef<Method> | null = null;

  constructor(
    { gate, settlements }: Pick<Runtime, 'gate' | 'settlements'>,
    readonly key: PropertyKey,
    readonly isStatic: boolean,
    /** The method inside the wrapper. Null if a facade does not know it, or no longer needs it. */
    public original: Method | null,
  ) {
    this.method = (typeof key === 'symbol' ? key.description : String(key)) || UNKNOWN;
    this.gate = gate.createMember();
    this.plan = createPlan(this.gate, this.method, settlements);
  }

  /**
   * Whether this wrapper records what comes with the metrics of a kind, such as failed requests with `ErrorsCounted`. If
   * several wrappers of the method have such a metric, only one of them does, so that a call counts once: the wrapper of the
   * metric with the built-in name, or else the innermost.
   */
  isMainWrapperFor(kind: MetricKind): boolean {
    const { name } = CATALOGUE[kind];
    const wrappers = this.wrappers.filter(({ specs }) => specs.some((spec) => spec.kind === kind));
    const withBuiltInName = wrappers.find(({ specs }) => specs.some((spec) => spec.name === name));
    const main = withBuiltInName ?? wrappers[0];
    return main === undefined || main === this;
  }

  /** Names the method in error messages: `CalculatorHandler.add`. */
  get location(): string {
    return locationOf(this.declaringClass, this.key);
  }
}
