/**
 * Every code of a {@link ThriftMetricsError} and its meaning. The codes are stable; the messages are not.
 * A test compares `docs/reference/errors.md` with this table.
 */
export const ERROR_CODES = {
  TM_ERR_NOT_A_METHOD: 'A decorator is applied to something that it cannot measure.',
  TM_ERR_OPTION_UNKNOWN: 'An option does not exist.',
  TM_ERR_OPTION_INVALID: 'An option has a value of the wrong type or outside its range.',
  TM_ERR_METRIC_NAME:
    'A metric name or prefix is not a valid Prometheus metric name, or a counter name does not end in `_total`.',
  TM_ERR_LABEL_NAME: 'A label name is invalid or reserved.',
  TM_ERR_LABEL_VALUE: 'A label value is not a string or, where allowed, a function.',
  TM_ERR_BUCKETS: 'Histogram buckets are not ascending finite numbers.',
  TM_ERR_QUANTILES: 'Summary quantiles are not ascending numbers between 0 and 1.',
  TM_ERR_TYPE_CONFLICT: 'A metric name is declared again with a different type.',
  TM_ERR_SERIES_CONFLICT: 'A series is declared again with different buckets or quantiles.',
  TM_ERR_NAME_TAKEN:
    'The registry already holds a metric with this name that this package did not create.',
  TM_ERR_DECLARED_TWICE: 'A method declares the same metric twice.',
  TM_ERR_OBJECTIVE: 'An objective cannot be computed from the metrics of its method.',
  TM_ERR_EXCEPTION_CLASS: 'An entry of `exceptions` is not an exception class.',
  TM_ERR_RULE: 'A rule of `rules` does not say what it concerns or what it changes.',
  TM_ERR_CLIENT_LIBRARY: 'Neither prom-client nor @prometheus-io/client can be loaded.',
  TM_ERR_OPENTELEMETRY: '`@opentelemetry/api` cannot be loaded.',
  TM_ERR_PORT_IN_USE: 'The port of the metrics server is already in use.',
  TM_ERR_LISTEN: 'The metrics server cannot listen on the given address.',
  TM_ERR_NO_SUM:
    'A worker cannot get the sum over all workers of the program, so it does not serve its part.',
  TM_ERR_SERIES_LIMIT:
    'A metric has reached `maxSeriesPerMetric`. Reported through `onError`, never thrown.',
  TM_ERR_EXEMPLAR:
    'An exemplar is a promise, or is longer than the standard allows. Reported through `onError`, never thrown.',
  TM_ERR_TLS: 'The certificate or key of the metrics server cannot be used.',
  TM_ERR_PROFILE_AUTH:
    'Profiles of the process are switched on for an endpoint without `auth`. If a setting does it, reported through `onError`.',
  TM_ERR_CONFIG_FILE:
    'The file in `THRIFT_METRICS_CONFIG` cannot be read. Reported through `onError`, or thrown at import with `THRIFT_METRICS_STRICT`.',
  TM_ERR_NEXT_START:
    'The configuration file has changed a setting that applies only to servers that start later. Reported through `onError`, never thrown.',
  TM_ERR_LABEL_FUNCTION:
    'A label function did not return a valid label value. Reported through `onError`, never thrown.',
  TM_ERR_FAILED_FUNCTION:
    'A `failed` function returned something other than a boolean or a string. Reported through `onError`, never thrown.',
  TM_ERR_SPAN_ATTRIBUTES:
    'The function `attributes` of `enableTracing` did not return attributes. Reported through `onError`, never thrown.',
  TM_ERR_NO_ERROR_LISTENER:
    "A server has no 'error' listener. Reported through `onError`, never thrown.",
  TM_ERR_UNMEASURED_METHODS:
    'A handler measures only some methods of its service. Reported through `onError`, never thrown.',
  TM_ERR_NO_THRIFT:
    'A program under `thrift-metrics/auto` has not loaded `thrift`. Reported through `onError`, never thrown.',
  TM_ERR_THRIFT_VERSION:
    'The loaded `thrift` is not one that can be measured. Reported through `onError`, never thrown.',
  TM_ERR_RUNTIME:
    'The JavaScript runtime does not provide what a metric needs. Reported through `onError`, never thrown.',
  TM_ERR_OTHER_THRIFT:
    'The program has loaded another implementation of Thrift. Reported through `onError`, never thrown.',
  TM_ERR_CLIENT_LIBRARIES:
    'Several client libraries, or copies of one, are loaded. Reported through `onError`, never thrown.',
  TM_ERR_REGISTRY_NOT_SERVED:
    'The program serves a registry without the metrics of this package. Reported through `onError`, never thrown.',
  TM_ERR_SERVICE_NAME:
    'A handler class has no name, so its service is `_unknown`. Reported through `onError`, never thrown.',
  TM_ERR_CALLER_NAME:
    'A client has no name to send to the servers that it calls. Reported through `onError`, never thrown.',
  TM_ERR_RULE_UNMATCHED:
    'A rule of `rules` matches nothing. Reported through `onError`, never thrown.',
  TM_ERR_REGISTRY_CLEARED:
    'The metrics of this package were removed from the registry. Reported through `onError`, never thrown.',
} as const;

/** A stable error code. `docs/reference/errors.md` explains each code and how to fix the error. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Marks the errors of every copy of this package. A registered symbol, so that each copy sees the mark of the others. */
const MARK = Symbol.for('thrift-metrics.error');

/**
 * The error that this package throws, at class definition and at startup. Its message says what is wrong, where, and what to
 * do. Recording a call does not throw: faults of metrics code are reported to `onError`.
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
  /** Stable error code. See `docs/reference/errors.md`. */
  readonly code: ErrorCode;

  static {
    Object.defineProperty(this.prototype, MARK, { value: true });
    // A process may hold several copies of the package, and a program does not know which of them throws.
    const isInstance = function (this: unknown, value: unknown): boolean {
      if (this === ThriftMetricsError) return MARK in (Object(value) as object);
      return Function.prototype[Symbol.hasInstance].call(this as Function, value);
    };
    Object.defineProperty(this, Symbol.hasInstance, { value: isInstance });
  }

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get name(): string {
    return 'ThriftMetricsError';
  }
}
