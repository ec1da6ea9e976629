import type { MetricKind } from '../metrics/catalogue';
import type { ExceptionClass } from '../recording/exception';
import type { Call } from '../recording/call';

/** One metric of one method, as it was declared: validated, with every default filled in. */
export interface MetricSpec {
  readonly kind: MetricKind;
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly labelFunctions: Readonly<Record<string, (call: Call) => unknown>>;
  /** Null: those of `configureMetrics`. */
  readonly buckets: readonly number[] | null;
  readonly quantiles: readonly number[] | null;
  /** Null: as `configureMetrics` says. */
  readonly native: boolean | null;
  /** The method's IDL `throws`; null: told by the class of the error. */
  readonly exceptions: readonly ExceptionClass[] | null;
  /** Marks calls that returned as failed, or null. */
  readonly failed: ((call: Call) => unknown) | null;
}
