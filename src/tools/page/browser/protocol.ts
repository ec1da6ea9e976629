// The JSON that the server sends to the page. A figure is null if it is unknown.

/** The header with the milliseconds until the server has newer figures. */
export type UntilNewerHeader = 'Thrift-Metrics-Until-Newer';

/** Milliseconds since 1970. */
export type Time = number;

export type Figure = number | null;

/** The time that figures cover: from one sample to another. */
export interface Span {
  readonly from: Time;
  readonly to: Time;
  /** Start of the whole history at the time of the response. */
  readonly historyFrom: Time;
  /** Start of the recording. A different value means a different process. */
  readonly startedAt: Time;
  /** Number of the sample at the end, for requests of the same moment. */
  readonly sample: number;
}

/** Which process the page shows. */
export interface Identity {
  /** What the program is called. */
  readonly name: string;
  /** The host, which is the pod in Kubernetes. */
  readonly host: string;
  /** Version of the program, or null if it is unknown. */
  readonly version: string | null;
}

/** How many targets of objectives the process misses in the window. */
export interface ObjectiveCount {
  readonly missed: number;
  /** Number of targets with calls in the window. */
  readonly known: number;
  readonly total: number;
}

/** Values at even steps over a span, the oldest first. */
export type Trend = readonly Figure[];

export interface ProcessHealth {
  readonly pid: number;
  readonly node: string;
  /** In seconds. */
  readonly uptime: number;
  /** Whether the program has workers. Methods are then summed over them; the health is that of this process. */
  readonly hasWorkers: boolean;
  /** Longest event loop delay in each step, in seconds. */
  readonly loopDelay: Trend;
  /** CPU seconds per second: 1 is one core. */
  readonly cpu: Trend;
  /** In bytes. */
  readonly heapUsed: Trend;
  /** In bytes. */
  readonly heapLimit: number;
}

/** A method whose calls held the event loop. */
export interface Blocker {
  readonly service: string;
  readonly method: string;
  /** Seconds per second for which synchronous parts of calls held the event loop: 1 is one event loop. */
  readonly share: number;
  /** Longest synchronous part of one call, in seconds. */
  readonly longestBlock: number;
}

/** How busy the event loop was in the window, and what held it. */
export interface EventLoopUse {
  /** Fraction of the time in which the event loop of this process did not wait for events. */
  readonly utilization: Figure;
  /** Whether any method measures for how long its calls hold the event loop. */
  readonly isMeasured: boolean;
  /** The methods that held it most, the first most of all. Summed over workers. */
  readonly blockers: readonly Blocker[];
  /** The method with the longest block, or null. */
  readonly longest: Blocker | null;
}

export interface MethodRow {
  readonly service: string;
  readonly method: string;
  /** Calls per second. */
  readonly rate: Figure;
  /** Fraction of calls that failed, from 0 to 1, in any way. */
  readonly failedRatio: Figure;
  /** Fraction of calls that count against an objective: by default, not those with a declared exception. */
  readonly badRatio: Figure;
  /** Failed calls per second. */
  readonly failedRate: Figure;
  /** Bad calls per second. */
  readonly badRate: Figure;
  /** In seconds, like the other percentiles. */
  readonly p50: Figure;
  readonly p95: Figure;
  readonly p99: Figure;
  /** First bound of the histogram, or null without one. A percentile below it may be anywhere below it. */
  readonly lowestBound: Figure;
  /** Last bound of the histogram, or null without one. A percentile at this bound may be higher. */
  readonly highestBound: Figure;
  /** Calls in progress at the end of the span. */
  readonly inFlight: Figure;
  /** Age of the oldest call in progress at the end of the span in seconds, 0 without one, or null if it is not measured. */
  readonly oldest: Figure;
  /** Seconds after which a call in progress hangs. */
  readonly hangAge: number;
  /**
   * The least remaining budget of the targets that apply to the method, in the window. Below 0, an objective is missed.
   * Null without objectives or calls.
   */
  readonly budget: Figure;
  /** Bound of the latency objective in seconds, or null without one. */
  readonly latencyBound: Figure;
  readonly rates: Trend;
  readonly inFlights: Trend;
  readonly failedRatios: Trend;
  readonly p99s: Trend;
}

/** A Thrift client of the program, with the calls of all its methods. Its name takes the place of that of a method. */
export interface ClientRow extends MethodRow {
  /** The most frequent error in the window that makes a call bad, or null. */
  readonly topError: string | null;
}

/** The calls of one caller of a service. */
export interface CallerRow {
  readonly service: string;
  readonly caller: string;
  /** Calls per second. */
  readonly rate: Figure;
  /** Fraction of calls that failed, from 0 to 1, in any way. Null if the handler is not measured. */
  readonly failedRatio: Figure;
  readonly rates: Trend;
  readonly failedRatios: Trend;
}

/** Connections of one transport. */
export interface ConnectionRow {
  readonly transport: string;
  /** Open connections at the end of the span. */
  readonly open: number;
  /** Connections per second that were accepted. */
  readonly rate: Figure;
  /** Connections that were closed in the span, the most frequent reason first. */
  readonly closed: readonly { readonly reason: string; readonly count: number }[];
}

/** Messages or connections that the servers refused for one reason. */
export interface ProtocolErrorRow {
  readonly reason: string;
  readonly count: number;
  /** Errors per second. */
  readonly rate: number;
  /** Number since the start of the recording. */
  readonly sinceStart: number;
  /** When the latest one was seen, or null. */
  readonly lastSeen: Time | null;
}

/** Something after which figures may look different, such as a restart. */
export interface Marker {
  readonly time: Time;
  readonly text: string;
}

/** The figures of all methods five minutes earlier. */
export interface EarlierTotals {
  readonly badRatio: Figure;
  readonly failedRatio: Figure;
  /** Of the slowest method, in seconds. */
  readonly p99: Figure;
  /** Bounds of the histogram of that method, outside of which the percentile may be anywhere. */
  readonly lowestBound: Figure;
  readonly highestBound: Figure;
  /** Longest event loop delay in seconds. */
  readonly loopDelay: Figure;
}

/** The figures of one method in a window. */
export interface MethodFigures {
  /** Calls per second. */
  readonly rate: Figure;
  readonly failedRatio: Figure;
  readonly badRatio: Figure;
  /** In seconds, like the other percentiles. */
  readonly p50: Figure;
  readonly p95: Figure;
  readonly p99: Figure;
}

/** An expression of PromQL for each figure that Prometheus can have. */
export type Queries = { readonly [Name in keyof MethodFigures]: string | null };

/** What is known of five minutes earlier, or why nothing is. */
export type Earlier<T> =
  | { readonly figures: T; readonly unknownReason: null }
  | { readonly figures: null; readonly unknownReason: string };

export interface Overview extends Span {
  readonly identity: Identity;
  readonly objectives: ObjectiveCount;
  /** The ends of the steps of every trend. */
  readonly times: readonly Time[];
  /** Times without a sample. */
  readonly gaps: readonly { readonly from: Time; readonly to: Time }[];
  readonly process: ProcessHealth;
  readonly eventLoop: EventLoopUse;
  readonly defaultLabels: Readonly<Record<string, string>>;
  readonly methods: readonly MethodRow[];
  /** Number of declared methods that are not recorded, because the history is full. */
  readonly omittedMethods: number;
  readonly clients: readonly ClientRow[];
  /** Number of clients that are not recorded. */
  readonly omittedClients: number;
  readonly callers: readonly CallerRow[];
  /** Number of callers that are not recorded. */
  readonly omittedCallers: number;
  readonly connections: readonly ConnectionRow[];
  readonly protocolErrors: readonly ProtocolErrorRow[];
  readonly earlier: Earlier<EarlierTotals>;
}

export interface ErrorCount {
  readonly kind: string;
  /** Null for all types that are not counted separately. */
  readonly type: string | null;
  readonly count: number;
  /** Errors per second. */
  readonly rate: number;
  /** When errors of this type were seen since the start of the recording. Null for the types that are counted together. */
  readonly firstSeen: Time | null;
  readonly lastSeen: Time | null;
  /** Trace of a recent call that failed with it, or null. */
  readonly traceId: string | null;
  /** What a recent error said, or null if it is not known or not shown. */
  readonly said: ErrorText | null;
}

/** The message and the stack of one error, which may be shortened and redacted. */
export interface ErrorText {
  readonly message: string;
  /** The innermost frames, one per line. */
  readonly stack: string;
  readonly time: Time;
  /** The process, and perhaps the thread, in which the call failed. */
  readonly process: string;
}

/**
 * The remaining error budget of one target, as a fraction: 1 is all of it, 0 nothing, and below 0 it is overspent. Null
 * without calls.
 */
export interface Budget {
  /** The target in words. */
  readonly objective: string;
  /** Why the budget is unknown, or null if it is known. */
  readonly unknownReason: string | null;
  readonly inWindow: Figure;
  /** Over the whole history of at most fifteen minutes. */
  readonly inHistory: Figure;
  /** Since the start of the recording. */
  readonly sinceStart: Figure;
}

/** The calls with one value of a label of the program. */
export interface LabelledCalls {
  /** Null for all values that are not recorded separately. */
  readonly value: string | null;
  /** Calls per second. */
  readonly rate: Figure;
  readonly failedRatio: Figure;
  /** Mean duration in seconds. */
  readonly mean: Figure;
}

/** The calls of a method by one label that the program declares. */
export interface LabelBreakdown {
  readonly label: string;
  readonly values: readonly LabelledCalls[];
}

/** Where the time of an average call in the window goes, in seconds. A stage without measurements is null. */
export interface TimeSplit {
  /** Number of calls that settled. */
  readonly calls: number;
  /** From the arrival of the packet until the processor begins to decode the message. */
  readonly queue: Figure;
  readonly decode: Figure;
  /** From the call of the handler until it settles: the synchronous part and waiting. */
  readonly handler: Figure;
  /** Until the handler returns. */
  readonly synchronous: Figure;
  /** From then on until the call settles. */
  readonly waiting: Figure;
  readonly write: Figure;
  /** Whether the server is instrumented. */
  readonly isQueueMeasured: boolean;
  /** Whether the processor is instrumented. */
  readonly isProcessorMeasured: boolean;
}

export interface MethodDetail extends Span {
  readonly service: string;
  readonly method: string;
  readonly declaredBy: string;
  /** The metrics of the method, with their prefix. */
  readonly metrics: readonly { readonly name: string; readonly type: string }[];
  /** The ends of the steps. */
  readonly times: readonly Time[];
  /** The lengths of the steps. */
  readonly seconds: readonly number[];
  /** Whether the metrics of the method count failed calls by kind, all together, or not at all. */
  readonly outcomes: 'by kind' | 'failed' | 'unknown';
  /** Successful calls per second, or all calls if their outcomes are unknown. */
  readonly ok: Trend;
  /** Calls per second that failed with a declared exception. 0 if failures are not counted by kind. */
  readonly declared: Trend;
  /** Calls per second that failed with any other error, or in any way if failures are not counted by kind. */
  readonly undeclared: Trend;
  readonly latency: 'histogram' | 'summary' | 'none';
  /** In seconds, like the other percentiles. */
  readonly p50: Trend;
  readonly p95: Trend;
  readonly p99: Trend;
  /** Upper bounds of the buckets in seconds, without the infinite one. */
  readonly bounds: readonly number[];
  /** Number of calls in each bucket, including the infinite one, for each step. */
  readonly heat: readonly (readonly number[])[];
  readonly time: TimeSplit;
  readonly errors: readonly ErrorCount[];
  /** Why messages and stacks of errors are not shown, or null if they are. */
  readonly hidden: string | null;
  readonly breakdowns: readonly LabelBreakdown[];
  readonly markers: readonly Marker[];
  readonly figures: MethodFigures;
  readonly earlier: Earlier<MethodFigures>;
  readonly queries: Queries;
  /** Address of the method in a dashboard, without the time window. Null if no dashboard is set. */
  readonly dashboard: string | null;
  /** Declared window of the objective, or null without one. */
  readonly objectiveWindow: string | null;
  readonly budgets: readonly Budget[];
}
