/** The Prometheus metric types that this package exposes. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** One built-in metric. */
export interface CatalogueEntry {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** When a value is recorded, as one line for the reference pages. */
  readonly recorded: string;
  /** Buckets of a histogram that does not use those of `configureMetrics`. */
  readonly buckets?: readonly number[];
  /** How the values of several processes are combined. @default the sum */
  readonly aggregator?: 'max';
}

/** Latency buckets in seconds. They cover the range in which RPC handlers answer: half a millisecond to ten seconds. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Size buckets in bytes, from 8 bytes to 4 MiB. They are the payload size buckets of reddit/baseplate.go. */
const SIZE_BUCKETS: readonly number[] = Array.from({ length: 20 }, (_, i) => 8 * 2 ** i);

/** Decoding and encoding buckets in seconds, from ten microseconds to a tenth of a second. */
const CODING_BUCKETS: readonly number[] = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
];

/** The built-in label names. Every module reads them from here. */
export const LABEL = {
  service: 'thrift_service',
  method: 'thrift_method',
  success: 'thrift_success',
  exceptionType: 'thrift_exception_type',
  exceptionKind: 'thrift_exception_kind',
  messageType: 'thrift_message_type',
  reply: 'thrift_reply',
  reason: 'thrift_reason',
  transport: 'thrift_transport',
  clientName: 'thrift_client_name',
  caller: 'thrift_caller',
  site: 'site',
  metric: 'metric',
  version: 'version',
  nodeVersion: 'node_version',
  thriftVersion: 'thrift_version',
  labelNames: 'label_names',
} as const;

/** The value of `thrift_exception_kind` for exceptions that the IDL declares. */
export const DECLARED = 'declared';

/**
 * Every built-in metric. Registration, documentation and tests all read this table, so they cannot disagree.
 * The names and labels of the server metrics follow the Prometheus schema of reddit/baseplate for Thrift.
 */
export const CATALOGUE = {
  counted: {
    name: 'thrift_server_requests_total',
    type: 'counter',
    help: 'Total number of Thrift calls that reached the handler.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the call arrives',
  },
  timed: {
    name: 'thrift_server_latency_seconds',
    type: 'histogram',
    help: 'Duration of Thrift calls in the handler, from arrival until they settle, in seconds.',
    labels: [LABEL.service, LABEL.method, LABEL.success],
    recorded: 'when the call settles',
  },
  errorsCounted: {
    name: 'thrift_server_errors_total',
    type: 'counter',
    help: 'Total number of Thrift calls that failed in the handler.',
    labels: [LABEL.service, LABEL.method, LABEL.exceptionType, LABEL.exceptionKind],
    recorded: 'when the call fails',
  },
  failedRequests: {
    name: 'thrift_server_failed_requests_total',
    type: 'counter',
    help: 'Total number of Thrift calls that failed in the handler, by kind of failure.',
    labels: [LABEL.service, LABEL.method, LABEL.exceptionKind],
    recorded: 'when the call fails',
  },
  inFlight: {
    name: 'thrift_server_active_requests',
    type: 'gauge',
    help: 'Number of Thrift calls in progress in the handler.',
    labels: [LABEL.service, LABEL.method],
    recorded: '+1 when the call arrives, -1 when it settles',
  },
  oldestActive: {
    name: 'thrift_server_oldest_active_request_seconds',
    type: 'gauge',
    help: 'Age of the oldest Thrift call in progress in the handler, in seconds; 0 if there is none.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the metric is read',
    // The oldest call of the program is the oldest call of any process. A sum of ages is meaningless.
    aggregator: 'max',
  },
  eventLoop: {
    name: 'thrift_server_event_loop_seconds_total',
    type: 'counter',
    help: 'Total time for which Thrift calls held the event loop in the synchronous part of the handler, in seconds.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the handler returns',
  },
  eventLoopLongest: {
    name: 'thrift_server_event_loop_longest_seconds',
    type: 'gauge',
    help: 'Longest time for which one Thrift call held the event loop during the last minute, in seconds; 0 without a call.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the handler returns; forgotten after 60 to 75 seconds',
    // Processes have event loops of their own, so the longest of the program is the longest of any process.
    aggregator: 'max',
  },
  queue: {
    name: 'thrift_server_queue_seconds',
    type: 'histogram',
    help: 'Time from the arrival of the packet that completed a Thrift request until its handler was called, in seconds.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the handler is called, if the server is instrumented',
  },
  messages: {
    name: 'thrift_server_messages_total',
    type: 'counter',
    help: 'Total number of Thrift messages decoded by the processor, by type of reply.',
    labels: [LABEL.service, LABEL.method, LABEL.messageType, LABEL.reply],
    recorded: 'when the reply is written, or once it is certain that there will be none',
  },
  activeMessages: {
    name: 'thrift_server_active_messages',
    type: 'gauge',
    help: 'Number of Thrift messages that are decoded but not yet answered.',
    labels: [LABEL.service, LABEL.method],
    recorded: '+1 when the message is decoded, -1 when it is answered',
  },
  requestSize: {
    name: 'thrift_server_request_size_bytes',
    type: 'histogram',
    help: 'Size of Thrift requests in bytes, excluding framing and headers of the transport.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the message is decoded',
    buckets: SIZE_BUCKETS,
  },
  responseSize: {
    name: 'thrift_server_response_size_bytes',
    type: 'histogram',
    help: 'Size of Thrift replies in bytes, excluding framing and headers of the transport.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the reply is written',
    buckets: SIZE_BUCKETS,
  },
  requestDecode: {
    name: 'thrift_server_request_decode_seconds',
    type: 'histogram',
    help: 'Time taken to decode the arguments of Thrift requests, in seconds.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the message is decoded',
    buckets: CODING_BUCKETS,
  },
  responseWrite: {
    name: 'thrift_server_response_write_seconds',
    type: 'histogram',
    help: 'Time taken to encode Thrift replies and hand them to the socket, in seconds.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the reply is written',
    buckets: CODING_BUCKETS,
  },
  lostReplies: {
    name: 'thrift_server_lost_replies_total',
    type: 'counter',
    help: 'Total number of Thrift replies that did not reach the client, by reason.',
    labels: [LABEL.service, LABEL.method, LABEL.reason],
    recorded: 'when the reply cannot be encoded, or the connection is closed',
  },
  protocolErrors: {
    name: 'thrift_server_protocol_errors_total',
    type: 'counter',
    help: 'Total number of malformed or unexpected messages received by the server, by reason.',
    labels: [LABEL.reason],
    recorded: 'when the message is found to be invalid',
  },
  rejectedContexts: {
    name: 'thrift_server_rejected_contexts_total',
    type: 'counter',
    help: 'Total number of trace contexts in requests that were not used, by reason.',
    labels: [LABEL.reason],
    recorded: 'when the handler is called, if tracing is enabled',
  },
  callerRequests: {
    name: 'thrift_server_caller_requests_total',
    type: 'counter',
    help: 'Total number of Thrift calls that reached the handler, by the name of the caller.',
    labels: [LABEL.service, LABEL.caller],
    recorded: 'when the call arrives, if its caller is known',
  },
  callerFailedRequests: {
    name: 'thrift_server_caller_failed_requests_total',
    type: 'counter',
    help: 'Total number of Thrift calls that failed in the handler, by the name of the caller.',
    labels: [LABEL.service, LABEL.caller],
    recorded: 'when the call fails, if its caller is known and its handler is measured',
  },
  activeConnections: {
    name: 'thrift_server_active_connections',
    type: 'gauge',
    help: 'Number of open connections from Thrift clients.',
    labels: [LABEL.transport],
    recorded: '+1 when a connection is accepted, -1 when it is closed',
  },
  connections: {
    name: 'thrift_server_connections_total',
    type: 'counter',
    help: 'Total number of connections accepted from Thrift clients.',
    labels: [LABEL.transport],
    recorded: 'when a connection is accepted',
  },
  connectionsClosed: {
    name: 'thrift_server_connections_closed_total',
    type: 'counter',
    help: 'Total number of connections from Thrift clients that were closed, by reason.',
    labels: [LABEL.transport, LABEL.reason],
    recorded: 'when a connection is closed',
  },
  receivedBytes: {
    name: 'thrift_server_received_bytes_total',
    type: 'counter',
    help: 'Total number of bytes received from Thrift clients, including framing and headers.',
    labels: [LABEL.transport],
    recorded: 'when the metric is read',
  },
  sentBytes: {
    name: 'thrift_server_sent_bytes_total',
    type: 'counter',
    help: 'Total number of bytes sent to Thrift clients, including framing and headers.',
    labels: [LABEL.transport],
    recorded: 'when the metric is read',
  },
  tlsHandshakeErrors: {
    name: 'thrift_server_tls_handshake_errors_total',
    type: 'counter',
    help: 'Total number of failed TLS handshakes with Thrift clients.',
    labels: [],
    recorded: 'when a handshake fails',
  },
  acceptErrors: {
    name: 'thrift_server_accept_errors_total',
    type: 'counter',
    help: 'Total number of connections that the server failed to accept, or dropped at its connection limit.',
    labels: [],
    recorded: 'when a connection cannot be accepted or is dropped',
  },
  clientRequests: {
    name: 'thrift_client_requests_total',
    type: 'counter',
    help: 'Total number of Thrift calls made by the client.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName],
    recorded: 'when the call is made',
  },
  clientActive: {
    name: 'thrift_client_active_requests',
    type: 'gauge',
    help: 'Number of Thrift calls in progress in the client.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName],
    recorded: '+1 when the call is made, -1 when it settles or is known to be lost',
  },
  clientLatency: {
    name: 'thrift_client_latency_seconds',
    type: 'histogram',
    help: 'Duration of Thrift calls made by the client, in seconds.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName, LABEL.success],
    recorded: 'when the call settles or is known to be lost',
  },
  clientErrors: {
    name: 'thrift_client_errors_total',
    type: 'counter',
    help: 'Total number of Thrift calls made by the client that failed.',
    labels: [
      LABEL.service,
      LABEL.method,
      LABEL.clientName,
      LABEL.exceptionType,
      LABEL.exceptionKind,
    ],
    recorded: 'when the call fails or is known to be lost',
  },
  clientFailedRequests: {
    name: 'thrift_client_failed_requests_total',
    type: 'counter',
    help: 'Total number of Thrift calls made by the client that failed, by kind of failure.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName, LABEL.exceptionKind],
    recorded: 'when the call fails or is known to be lost',
  },
  clientLateReplies: {
    name: 'thrift_client_late_replies_total',
    type: 'counter',
    help: 'Total number of replies that reached the caller after the Thrift call had counted as failed.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName],
    recorded: 'when such a reply is passed to the caller',
  },
  clientOldestActive: {
    name: 'thrift_client_oldest_active_request_seconds',
    type: 'gauge',
    help: 'Age of the oldest Thrift call in progress in the client, in seconds; 0 if there is none.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName],
    recorded: 'when the metric is read',
    // The oldest call of the program is the oldest call of any process. A sum of ages is meaningless.
    aggregator: 'max',
  },
  clientReconnects: {
    name: 'thrift_client_reconnects_total',
    type: 'counter',
    help: 'Total number of reconnection attempts by the Thrift client.',
    labels: [LABEL.clientName],
    recorded: 'when the connection announces a reconnection attempt',
  },
  clientOfflineQueue: {
    name: 'thrift_client_offline_queue_length',
    type: 'gauge',
    help: 'Number of Thrift calls waiting in the client for a connection.',
    labels: [LABEL.clientName],
    recorded: '+1 when a call has to wait for the connection, -1 when it is sent or dropped',
  },
  internalErrors: {
    name: 'thrift_metrics_internal_errors_total',
    type: 'counter',
    help: 'Total number of errors in metrics code, by site. They never reach the measured calls.',
    labels: [LABEL.site],
    recorded: 'when a label function, a collector or the registry fails',
  },
  droppedSeries: {
    name: 'thrift_metrics_dropped_series_total',
    type: 'counter',
    help: 'Total number of recordings counted under _other because the metric had reached its series limit.',
    labels: [LABEL.metric],
    recorded: 'when a new label combination exceeds maxSeriesPerMetric',
  },
  expiredSeries: {
    name: 'thrift_metrics_expired_series_total',
    type: 'counter',
    help: 'Total number of series removed because nothing had been recorded in them for the time that expireAfter sets.',
    labels: [LABEL.metric],
    recorded: 'when a series expires, from 0 while expireAfter is set',
  },
  info: {
    name: 'thrift_metrics_info',
    type: 'gauge',
    help: 'Versions of thrift-metrics, Node.js and thrift, as labels of the value 1.',
    labels: [LABEL.version, LABEL.nodeVersion, LABEL.thriftVersion, LABEL.labelNames],
    recorded: 'when the first metric is declared',
    aggregator: 'max',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** The four metrics of a handler method, by the decorator that declares them. */
export type MetricKind = 'counted' | 'timed' | 'errorsCounted' | 'inFlight';

/** Every kind, in the order in which `Instrumented` declares them. */
export const METRIC_KINDS: readonly MetricKind[] = [
  'counted',
  'timed',
  'errorsCounted',
  'inFlight',
];
