// The answer of `/-/calls`, which the server writes and the page and `top` read.

/** What `/-/calls` answers in JSON. Times are ISO 8601, durations are seconds, and what is unknown is null. */
export interface CallsDocument {
  readonly form: 'thrift-metrics.calls.1';
  readonly time: string;
  /** Whether calls are kept: `configureMetrics({ calls })`. */
  readonly enabled: boolean;
  /** Why arguments, error messages and stacks are not shown, or null if they are. */
  readonly hidden: string | null;
  /** Why these are not all calls of the program, or of the method, or null if they are. */
  readonly partial: string | null;
  readonly processes: readonly {
    /** Null if the process is unknown, because it has not answered. */
    readonly pid: number | null;
    readonly worker: number | null;
    readonly thread: number | null;
    /** False if the process did not answer in time, as one whose event loop is blocked. */
    readonly answered: boolean;
  }[];
  readonly inProgress: {
    /** Number of calls in progress, of which `calls` has the oldest. */
    readonly total: number;
    readonly calls: readonly ShownCall[];
  };
  /** The methods of which calls are kept. */
  readonly methods: readonly ShownMethod[];
  /** Number of settled calls that are kept and left out, because the answer would be too long. */
  readonly omitted: number;
}

/** The process of a call. Null if it is unknown. */
export interface ShownProcess {
  readonly pid: number | null;
  readonly worker: number | null;
  readonly thread: number | null;
}

/** What calls in progress and settled calls have in common. */
export interface AnyCall extends ShownProcess {
  readonly startedAt: string;
  /** Seconds before the handler ran. */
  readonly queueSeconds: number | null;
  readonly peer: string | null;
  readonly caller: string | null;
  readonly traceId: string | null;
  readonly arguments: string | null;
}

/** A call in progress. */
export interface ShownCall extends AnyCall {
  readonly service: string;
  readonly method: string;
  readonly age: number;
}

/** The calls of a method that mattered. */
export interface ShownMethod {
  readonly service: string;
  readonly method: string;
  /** Calls by latency, the slowest class first. */
  readonly slow: readonly {
    readonly from: number;
    /** Null for the slowest class. */
    readonly to: number | null;
    readonly calls: readonly ShownSettledCall[];
  }[];
  readonly failed: readonly {
    readonly type: string;
    readonly kind: string;
    readonly calls: readonly ShownSettledCall[];
  }[];
}

/** A call that has settled. The latest of a group is first. */
export interface ShownSettledCall extends AnyCall {
  /** Seconds, or null if nothing measures the latency of the method. */
  readonly duration: number | null;
  /** Seconds in the handler. */
  readonly handlerSeconds: number | null;
  readonly error: {
    readonly message: string | null;
    readonly stack: string | null;
  } | null;
}
