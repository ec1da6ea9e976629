import { sep } from 'node:path';

import type { Family, Series } from '../metrics/family';
import type { DeclaredExceptions } from '../recording/error-recorder';
import { createPlan, type Plan } from '../recording/plan';
import type { Method } from '../recording/wrap';
import { PACKAGE_FOLDER } from '../package-folder';
import { state } from '../runtime/runtime';
import type { MetricSpec } from './metric-spec';
import type { DeclaredObjective } from './objective';

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

/** In whose files the definition of a class does not stand. */
const OWN_CODE = PACKAGE_FOLDER + sep;

/**
 * File, line and column of the code that is being evaluated, the innermost that is not of this package. For error
 * messages about a class whose name is not known yet; empty when the stack does not tell.
 */
export function sourceLocation(): string {
  for (const line of new Error('for its stack').stack?.split('\n').slice(1) ?? []) {
    const frame = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(line)?.[1];
    // Decorators are applied by helpers of the compiler, which stand in the user's file or in tslib.
    if (
      frame !== undefined &&
      !frame.includes(OWN_CODE) &&
      !/tslib|__(es)?[dD]ecorate/.test(line)
    ) {
      return frame.replace(/^file:\/\//, '');
    }
  }
  return '';
}
