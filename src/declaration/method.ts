import { sep } from 'node:path';

import type { Family, Series } from '../metrics/family';
import type { DeclaredExceptions } from '../recording/error-recorder';
import { createPlan, type Gate, type Plan } from '../recording/plan';
import type { Method } from '../recording/wrap';
import { PACKAGE_FOLDER } from '../package-folder';
import type { MetricSpec } from './metric-spec';
import type { DeclaredObjective } from './objective';

/** A series that a declaration holds. */
export interface HeldSeries {
  readonly family: Family;
  readonly series: Series;
}

/** One wrapper on one method: the metrics that were declared, and the plan that the wrapper follows. */
export class MethodDeclaration {
  readonly plan: Plan;
  readonly method: string;
  readonly specs: MetricSpec[] = [];
  held: HeldSeries[] = [];
  /** The objective of the method, or null. */
  objective: DeclaredObjective | null = null;
  /** The exceptions that the service declares for the method; null while no processor serves it. */
  throws: DeclaredExceptions | null = null;
  /** Whether the wrapper is the variant for metrics that depend on the call. */
  needsCall = false;
  /** The class that declares the method; null while it is not known. */
  owner: { readonly name: string } | null = null;

  constructor(
    gate: Gate,
    readonly key: PropertyKey,
    readonly isStatic: boolean,
    /** The method inside the wrapper. */
    readonly original: Method,
  ) {
    this.method = typeof key === 'symbol' ? (key.description ?? '') : String(key);
    this.plan = createPlan(gate, this.method);
  }

  /** Names the method in error messages: `CalculatorHandler.add`. */
  get location(): string {
    return locationOf(this.owner, this.key);
  }
}

/** Names a method in error messages, by its position in the source while its class is not known. */
export function locationOf(owner: { readonly name: string } | null, key: PropertyKey): string {
  if (owner !== null) return `${owner.name}.${String(key)}`;
  const location = sourceLocation();
  return `method ${String(key)}${location === '' ? '' : ` (${location})`}`;
}

/** Stack frames with this path belong to this package. */
const OWN_CODE = PACKAGE_FOLDER + sep;

/**
 * File, line and column of the innermost stack frame outside this package, for error messages about a class whose name is
 * not known yet. Empty if the stack has no such frame.
 */
export function sourceLocation(): string {
  for (const line of new Error('for its stack').stack?.split('\n').slice(1) ?? []) {
    const frame = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(line)?.[1];
    // Compilers apply decorators by helpers, which are in the user's file or in tslib.
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
