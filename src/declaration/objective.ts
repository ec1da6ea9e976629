/** A service level objective of a method, with every default filled in. */
export interface DeclaredObjective {
  /** The share of calls that must not fail, above 0 and below 1; absent where none is promised. */
  readonly availability?: number;
  /** The share of calls that must settle within so many seconds; absent where none is promised. */
  readonly latency?: { readonly target: number; readonly within: number };
  /** The time over which the shares are taken, as Prometheus writes durations: `30d`. */
  readonly window: string;
  /** Whether an exception that the IDL declares is a failure. */
  readonly declaredExceptionsAreErrors: boolean;
}
