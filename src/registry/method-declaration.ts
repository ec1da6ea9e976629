import type { DeclaredExceptions } from '../call/error-recorder';
import { createPlan, type Plan } from '../call/plan';
import type { Method } from '../call/wrap';
import type { Family, Series } from '../metrics/family';
import type { MetricSpec } from './metric-spec';
import type { DeclaredObjective } from './objective';
import { sourceLocation } from './source-location';
import { state } from './state';

/** A series that a declaration holds. */
export interface HeldSeries {
  readonly family: Family;
  readonly series: Series;
}

/** One wrapper on one method: what was declared, and the plan that the wrapper follows. */
export class MethodDeclaration {
  readonly plan: Plan;
  readonly method: string;
  readonly specs: MetricSpec[] = [];
  held: HeldSeries[] = [];
  /** What is promised of it; null where nothing is. */
  objective: DeclaredObjective | null = null;
  /** What the service declares that the handler serves; null while no processor has told. */
  throws: DeclaredExceptions | null = null;
  /** Whether the wrapper is the one for labels that depend on the call. */
  hasCallLabels = false;
  /** The class that declares the method; null while it is not known. */
  owner: { readonly name: string } | null = null;

  constructor(
    readonly key: PropertyKey,
    readonly isStatic: boolean,
    /** The method under the wrapper. */
    readonly original: Method,
  ) {
    this.method = typeof key === 'symbol' ? (key.description ?? '') : String(key);
    this.plan = createPlan(state.gate, this.method);
  }

  /** For error messages: `CalculatorHandler.add`. */
  get place(): string {
    return placeOf(this.owner, this.key);
  }
}

/** While the class is not known, the place in the source stands for it. */
export function placeOf(owner: { readonly name: string } | null, key: PropertyKey): string {
  if (owner !== null) return `${owner.name}.${String(key)}`;
  const location = sourceLocation();
  return `method ${String(key)}${location === '' ? '' : ` (${location})`}`;
}
