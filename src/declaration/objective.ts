/** A declared service level objective of a method, with every default filled in. */
export interface DeclaredObjective {
  /** Fraction of calls that must not fail: above 0 and below 1. Absent if there is no availability objective. */
  readonly availability?: number;
  /**
   * Fraction of calls (`target`) that must settle within a number of seconds (`within`). Absent if there is no latency
   * objective.
   */
  readonly latency?: { readonly target: number; readonly within: number };
  /** Time over which the fractions are computed, as a Prometheus duration such as `30d`. */
  readonly window: string;
  /** Present if the objective covers the calls to all methods of the class together. Absent if it covers each method alone. */
  readonly scope?: 'service';
  /** Whether exceptions that the IDL declares count as failures. */
  readonly declaredExceptionsAreErrors: boolean;
}
