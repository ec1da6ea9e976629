/** Metrics and labels of endpoints that measure callers and the event loop. Others do not have them. */
export const NEWER = {
  /** Seconds for which the handler of a method held the event loop. */
  eventLoop: { name: 'thrift_server_event_loop_seconds_total' },
  callerRequests: { name: 'thrift_server_caller_requests_total' },
  callerFailedRequests: { name: 'thrift_server_caller_failed_requests_total' },
} as const;

/** The label with the name of a caller. */
export const CALLER_LABEL = 'thrift_caller';
