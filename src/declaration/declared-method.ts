import type { MetricKind, MetricType } from '../metrics/catalogue';
import type { DeclaredObjective } from './objective';

/** One declared metric of one method. */
export interface DeclaredMetric {
  /** The kind of metric. Each has a decorator: `timed` has `Timed`. */
  readonly kind: MetricKind;
  /** Name of the metric, including the prefix. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Value of `thrift_service`. */
  readonly service: string;
  /** Value of `thrift_method`. */
  readonly method: string;
  readonly static: boolean;
  /** Name of the class that declares the method. */
  readonly declaredBy: string;
  /** Name of every label, in alphabetical order. */
  readonly labelNames: readonly string[];
  /** The user's constant labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Upper bounds of a histogram, in seconds. Absent for other types. */
  readonly buckets?: readonly number[];
  /** Present if a histogram also has exponential buckets. */
  readonly native?: true;
  /** Quantiles of a summary. Absent for other types. */
  readonly quantiles?: readonly number[];
  /** Names of the exceptions that an error counter counts as declared. Absent if none are listed. */
  readonly exceptions?: readonly string[];
  /** The objective of the method. Absent if it does not have one. */
  readonly objective?: DeclaredObjective;
}

/** One method of a service, with everything that this process declares for it. */
export interface DeclaredMethod {
  /** Value of `thrift_service`. */
  readonly service: string;
  /** Value of `thrift_method`. */
  readonly method: string;
  /** Name of the class that declares the method. */
  readonly declaredBy: string;
  readonly metrics: readonly DeclaredMetric[];
  /** Name of the counter of failed calls by kind, including the prefix. The method has it if it counts errors. */
  readonly failedRequests: string;
  readonly objective: DeclaredObjective | null;
  /** Whether bands of normal values are recorded, if a rule says. */
  readonly anomalies?: boolean;
}
