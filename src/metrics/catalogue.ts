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
  /** Of a histogram whose buckets are not those of `configureMetrics`. */
  readonly buckets?: readonly number[];
  /** How the values of several processes are put together, where it is not by their sum. */
  readonly aggregator?: 'max';
}

/** Seconds. Half a millisecond to ten seconds: the range in which RPC handlers answer. */
export const DEFAULT_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Bytes: those of reddit/baseplate.go's payload sizes, 8 bytes to 4 MiB. */
const SIZE_BUCKETS: readonly number[] = Array.from({ length: 20 }, (_, i) => 8 * 2 ** i);

/** Seconds. Ten microseconds to a tenth of a second: the range of decoding and encoding. */
const CODING_BUCKETS: readonly number[] = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
];

/** Names shared with the other parts of this package, so that a label is spelt in one place. */
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
  oldestActive: {
    name: 'thrift_server_oldest_active_request_seconds',
    type: 'gauge',
    help: 'How long the oldest Thrift call in flight has been running, in seconds; 0 without one.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when it is read',
    // The oldest of all is the oldest of any; a sum of ages says nothing.
    aggregator: 'max',
  },
  messages: {
    name: 'thrift_server_messages_total',
    type: 'counter',
    help: 'Thrift messages that the processor decoded, by how they were answered.',
    labels: [LABEL.service, LABEL.method, LABEL.messageType, LABEL.reply],
    recorded: 'when the reply is written, or when it is certain that there will be none',
  },
  activeMessages: {
    name: 'thrift_server_active_messages',
    type: 'gauge',
    help: 'Thrift messages that are decoded and not answered yet.',
    labels: [LABEL.service, LABEL.method],
    recorded: '+1 when the message is decoded, -1 when it is answered',
  },
  requestSize: {
    name: 'thrift_server_request_size_bytes',
    type: 'histogram',
    help: 'Size of a Thrift request without what transports put around it, in bytes.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the message is decoded',
    buckets: SIZE_BUCKETS,
  },
  responseSize: {
    name: 'thrift_server_response_size_bytes',
    type: 'histogram',
    help: 'Size of a Thrift reply without what transports put around it, in bytes.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the reply is written',
    buckets: SIZE_BUCKETS,
  },
  requestDecode: {
    name: 'thrift_server_request_decode_seconds',
    type: 'histogram',
    help: 'Time to decode the arguments of a Thrift request, in seconds.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the message is decoded',
    buckets: CODING_BUCKETS,
  },
  responseWrite: {
    name: 'thrift_server_response_write_seconds',
    type: 'histogram',
    help: 'Time to encode a Thrift reply and to hand it to the socket, in seconds.',
    labels: [LABEL.service, LABEL.method],
    recorded: 'when the reply is written',
    buckets: CODING_BUCKETS,
  },
  lostReplies: {
    name: 'thrift_server_lost_replies_total',
    type: 'counter',
    help: 'Replies that the handler had an answer for and the client did not get.',
    labels: [LABEL.service, LABEL.method, LABEL.reason],
    recorded: 'when the reply cannot be encoded, or the connection is gone',
  },
  protocolErrors: {
    name: 'thrift_server_protocol_errors_total',
    type: 'counter',
    help: 'Input that was no Thrift message as the server expects it.',
    labels: [LABEL.reason],
    recorded: 'when the input is refused',
  },
  activeConnections: {
    name: 'thrift_server_active_connections',
    type: 'gauge',
    help: 'Connections of Thrift clients that are open.',
    labels: [LABEL.transport],
    recorded: '+1 when a connection is accepted, -1 when it is closed',
  },
  connections: {
    name: 'thrift_server_connections_total',
    type: 'counter',
    help: 'Connections of Thrift clients that were accepted.',
    labels: [LABEL.transport],
    recorded: 'when a connection is accepted',
  },
  connectionsClosed: {
    name: 'thrift_server_connections_closed_total',
    type: 'counter',
    help: 'Connections of Thrift clients that were closed, by who or what closed them.',
    labels: [LABEL.transport, LABEL.reason],
    recorded: 'when a connection is closed',
  },
  receivedBytes: {
    name: 'thrift_server_received_bytes_total',
    type: 'counter',
    help: 'Bytes received from Thrift clients, as the connection counts them.',
    labels: [LABEL.transport],
    recorded: 'when it is read',
  },
  sentBytes: {
    name: 'thrift_server_sent_bytes_total',
    type: 'counter',
    help: 'Bytes sent to Thrift clients, as the connection counts them.',
    labels: [LABEL.transport],
    recorded: 'when it is read',
  },
  tlsHandshakeErrors: {
    name: 'thrift_server_tls_handshake_errors_total',
    type: 'counter',
    help: 'TLS handshakes of Thrift clients that failed.',
    labels: [],
    recorded: 'when a handshake fails',
  },
  acceptErrors: {
    name: 'thrift_server_accept_errors_total',
    type: 'counter',
    help: 'Connections that the server could not accept, or dropped because it has its maximum.',
    labels: [],
    recorded: 'when accepting fails',
  },
  clientRequests: {
    name: 'thrift_client_requests_total',
    type: 'counter',
    help: 'Thrift calls that the client made.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName],
    recorded: 'when the call is made',
  },
  clientActive: {
    name: 'thrift_client_active_requests',
    type: 'gauge',
    help: 'Thrift calls of the client that are not settled.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName],
    recorded: '+1 when the call is made, -1 when it settles or is known never to',
  },
  clientLatency: {
    name: 'thrift_client_latency_seconds',
    type: 'histogram',
    help: 'Time from the making of a Thrift call to its settling, in seconds.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName, LABEL.success],
    recorded: 'when the call settles, or is known never to',
  },
  clientErrors: {
    name: 'thrift_client_errors_total',
    type: 'counter',
    help: 'Thrift calls of the client that failed.',
    labels: [
      LABEL.service,
      LABEL.method,
      LABEL.clientName,
      LABEL.exceptionType,
      LABEL.exceptionKind,
    ],
    recorded: 'when the call fails, or is known never to settle',
  },
  clientOldestActive: {
    name: 'thrift_client_oldest_active_request_seconds',
    type: 'gauge',
    help: 'How long the oldest Thrift call of the client has been waiting, in seconds; 0 without one.',
    labels: [LABEL.service, LABEL.method, LABEL.clientName],
    recorded: 'when it is read',
    // The oldest of all is the oldest of any; a sum of ages says nothing.
    aggregator: 'max',
  },
  clientReconnects: {
    name: 'thrift_client_reconnects_total',
    type: 'counter',
    help: 'Attempts of the Thrift client to connect again.',
    labels: [LABEL.clientName],
    recorded: 'when the connection announces an attempt',
  },
  clientOfflineQueue: {
    name: 'thrift_client_offline_queue_length',
    type: 'gauge',
    help: 'Thrift calls that wait in the client until it is connected.',
    labels: [LABEL.clientName],
    recorded: '+1 when a call has to wait for the connection, -1 when it is sent or dropped',
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
