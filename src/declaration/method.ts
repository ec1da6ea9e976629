import { sep } from 'node:path';

import type { Family, Series } from '../metrics/family';
import type { DeclaredExceptions } from '../recording/error-recorder';
import { createPlan, type Plan } from '../recording/plan';
import type { Method } from '../recording/wrap';
import { currentRuntime, type Runtime } from '../runtime/runtime';
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
  /** Whether the wrapper is the variant for labels that depend on the call. */
  hasCallLabels = false;
  /** The class that declares the method; null while it is not known. */
  owner: { readonly name: string } | null = null;

  constructor(
    { gate, settlements }: Pick<Runtime, 'gate' | 'settlements'>,
    readonly key: PropertyKey,
    readonly isStatic: boolean,
    /** The method inside the wrapper. */
    readonly original: Method,
  ) {
    this.method = typeof key === 'symbol' ? (key.description ?? '') : String(key);
    this.plan = createPlan(gate, this.method, settlements);
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

/**
 * File, line and column of the innermost stack frame outside this package, for error messages about a class whose name is
 * not known yet. Empty if the stack has no such frame.
 */
export function sourceLocation(): string {
  const ownFolders = [...currentRuntime().copies.keys()].map((folder) => folder + sep);
  for (const line of new Error('for its stack').stack?.split('\n').slice(1) ?? []) {
    const frame = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(line)?.[1];
    // Compilers apply decorators by helpers, which are in the user's file or in tslib.
    if (
      frame !== undefined &&
      !ownFolders.some((folder) => frame.includes(folder)) &&
      !/tslib|__(es)?[dD]ecorate/.test(line)
    ) {
      return frame.replace(/^file:\/\//, '');
    }
  }
  return '';
}
