/** The Prometheus types this package writes. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** One built-in metric. */
export interface CatalogueEntry {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** What is written, in one line for the reference pages. */
  readonly recorded: string;
}

/** Seconds. Half a millisecond to ten seconds: the range in which RPC handlers answer. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Names shared with the other parts of this package, so that a label is spelt in one place. */
export const LABEL = {
  service: 'thrift_service',
  method: 'thrift_method',
  success: 'thrift_success',
  exceptionType: 'thrift_exception_type',
  exceptionKind: 'thrift_exception_kind',
  site: 'site',
  metric: 'metric',
} as const;

/**
 * Every built-in metric. Registration, documentation and tests read this table, so that none can drift from another.
 * The server's names and labels are those of reddit/baseplate's Prometheus schema for Thrift.
 */
export const CATALOGUE = {
  counted: {
    name: 'thrift_server_requests_total',
    type: 'counter',
    help: 'Thrift calls that reached the handler.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the call arrives',
  },
  timed: {
    name: 'thrift_server_latency_seconds',
    type: 'histogram',
    help: 'Time from the arrival of a Thrift call at the handler to its settling, in seconds.',
    labels: [LABEL.service, LABEL.method, LABEL.success],
    recorded: 'when the call settles',
  },
  errorsCounted: {
    name: 'thrift_server_errors_total',
    type: 'counter',
    help: 'Thrift calls that failed in the handler.',
    labels: [LABEL.service, LABEL.method, LABEL.exceptionType, LABEL.exceptionKind],
    recorded: 'when the call fails',
  },
  inFlight: {
    name: 'thrift_server_active_requests',
    type: 'gauge',
    help: 'Thrift calls that the handler is working on.',
    labels: [LABEL.service, LABEL.method],
    recorded: '+1 when the call arrives, -1 when it settles',
  },
  internalErrors: {
    name: 'thrift_metrics_internal_errors_total',
    type: 'counter',
    help: 'Faults of metrics code that were kept away from the calls it observes.',
    labels: [LABEL.site],
    recorded: 'when a label function, a collector or the registry fails',
  },
  droppedSeries: {
    name: 'thrift_metrics_dropped_series_total',
    type: 'counter',
    help: 'Recordings that went to the series _other because the metric had reached its maximum number of series.',
    labels: [LABEL.metric],
    recorded: 'when a new label combination is over maxSeriesPerMetric',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** The four metrics of a handler method, by the decorator that declares them. */
export type MetricKind = 'counted' | 'timed' | 'errorsCounted' | 'inFlight';

export const METRIC_KINDS: readonly MetricKind[] = [
  'counted',
  'timed',
  'errorsCounted',
  'inFlight',
];
