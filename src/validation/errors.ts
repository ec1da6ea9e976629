/**
 * Every code that a {@link ThriftMetricsError} can carry, with what it means. The codes are stable; messages are not.
 * `docs/reference/errors.md` is held against this table by a test.
 */
export const ERROR_CODES = {
  TM_ERR_NOT_A_METHOD: 'A decorator stands on something that it cannot measure.',
  TM_ERR_OPTION_UNKNOWN: 'An option that does not exist was given.',
  TM_ERR_OPTION_INVALID: 'An option has a value of the wrong type or outside its range.',
  TM_ERR_METRIC_NAME: 'A metric name or prefix is not a valid Prometheus metric name.',
  TM_ERR_LABEL_NAME: 'A label name is invalid or reserved.',
  TM_ERR_LABEL_VALUE: 'A label value is neither a string nor, where that is allowed, a function.',
  TM_ERR_BUCKETS: 'Histogram buckets are not ascending finite numbers.',
  TM_ERR_QUANTILES: 'Summary quantiles are not ascending numbers between 0 and 1.',
  TM_ERR_TYPE_CONFLICT: 'A metric name is declared again with another type.',
  TM_ERR_SERIES_CONFLICT: 'A series is declared again with other buckets or quantiles.',
  TM_ERR_NAME_TAKEN: 'The registry holds a metric of that name which this package did not make.',
  TM_ERR_DECLARED_TWICE: 'One method declares the same metric twice.',
  TM_ERR_OBJECTIVE: 'An objective cannot be told from the metrics of its method.',
  TM_ERR_EXCEPTION_CLASS: 'An entry of `exceptions` is no exception class.',
  TM_ERR_CLIENT_LIBRARY: 'Neither prom-client nor @prometheus-io/client can be loaded.',
  TM_ERR_PORT_IN_USE: 'The port of the metrics server is taken.',
  TM_ERR_LISTEN: 'The metrics server cannot listen at the given address.',
  TM_ERR_SERIES_LIMIT:
    'A metric has reached `maxSeriesPerMetric`. Reported through `onError`, never thrown.',
  TM_ERR_EXEMPLAR:
    'An exemplar is a promise, or longer than the standard allows. Reported through `onError`, never thrown.',
  TM_ERR_TLS: 'The certificate or key of the metrics server cannot be used.',
  TM_ERR_LABEL_FUNCTION:
    'A label function returned no label value. Reported through `onError`, never thrown.',
  TM_ERR_NO_ERROR_LISTENER:
    "A server has no 'error' listener. Reported through `onError`, never thrown.",
  TM_ERR_REGISTRY_CLEARED:
    'The registry lost the metrics of this package. Reported through `onError`, never thrown.',
} as const;

/** One of the stable codes; docs/reference/errors.md says what each of them means and what helps. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * What this package throws, at class definition or at start-up only. The message says what was found, where, and what
 * is allowed. During a call nothing is thrown: faults go to `onError`.
 *
 * @example
 * ```ts
 * try {
 *   configureMetrics({ prefix: 'my app' });
 * } catch (error) {
 *   if (error instanceof ThriftMetricsError) console.error(error.code); // TM_ERR_METRIC_NAME
 * }
 * ```
 */
export class ThriftMetricsError extends Error {
  /** Stable, see `docs/reference/errors.md`. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return 'ThriftMetricsError';
  }
}
