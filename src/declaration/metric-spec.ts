import type { MetricKind } from '../metrics/catalogue';
import type { ExceptionClass } from '../recording/exception';
import type { Call } from '../recording/call';

/** One declared metric of one method: validated, with every default filled in. */
export interface MetricSpec {
  readonly kind: MetricKind;
  /** The name without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly constantLabels: Readonly<Record<string, string>>;
  readonly labelFunctions: Readonly<Record<string, (call: Call) => unknown>>;
  /** Upper bounds in seconds. Null selects the buckets of `configureMetrics`. */
  readonly buckets: readonly number[] | null;
  /** Quantiles of a summary. Null for the other types. */
  readonly quantiles: readonly number[] | null;
  /** Whether a histogram has native buckets. Null selects the setting of `configureMetrics`. */
  readonly native: boolean | null;
  /** The exceptions in the IDL `throws` of the method. Null if they are not listed: the class of the error decides. */
  readonly exceptions: readonly ExceptionClass[] | null;
  /** Marks calls that returned as failed, or null. */
  readonly failed: ((call: Call) => unknown) | null;
}
