/** What the server tells the page, as JSON. A figure that cannot be told is null. */

/** Milliseconds since 1970. */
export type Time = number;

export type Figure = number | null;

/** The time that figures are of: from one sample to another. */
export interface Span {
  readonly from: Time;
  readonly to: Time;
  /** What was held when the answer was made: the window may reach further back. */
  readonly heldFrom: Time;
  /** When the process began to hold anything. Another value means another process. */
  readonly beganAt: Time;
  /** The number of the sample at the end, with which the same moment can be asked for again. */
  readonly sample: number;
}

/** Values at even steps over a span, the oldest first. */
export type Course = readonly Figure[];

export interface ProcessHealth {
  readonly pid: number;
  readonly node: string;
  /** Seconds. */
  readonly uptime: number;
  /** Whether the program has workers: methods are summed over them, and these figures are not. */
  readonly hasWorkers: boolean;
  /** The longest delay of the event loop in each step, in seconds. */
  readonly loopDelay: Course;
  /** CPU seconds a second: 1 is one core. */
  readonly cpu: Course;
  /** Bytes. */
  readonly heapUsed: Course;
  readonly heapLimit: number;
}

export interface MethodRow {
  readonly service: string;
  readonly method: string;
  /** Calls a second. */
  readonly rate: Figure;
  /** The share of calls that failed, however they failed, from 0 to 1. */
  readonly errorRatio: Figure;
  /** The same without exceptions that the IDL declares. */
  readonly undeclaredRatio: Figure;
  /** Seconds. */
  readonly p50: Figure;
  readonly p95: Figure;
  readonly p99: Figure;
  /** The last bound of the histogram: a percentile there may be higher. Null where there is no histogram. */
  readonly highestBound: Figure;
  readonly inFlight: Figure;
  readonly rates: Course;
  readonly inFlights: Course;
  readonly errorRatios: Course;
  readonly p99s: Course;
}

export interface Overview extends Span {
  readonly process: ProcessHealth;
  readonly defaultLabels: Readonly<Record<string, string>>;
  readonly methods: readonly MethodRow[];
  /** How many methods there are of which nothing is kept. */
  readonly methodsLeftOut: number;
}

export interface ErrorCount {
  readonly kind: string;
  /** Null for all types of which nothing is kept one by one. */
  readonly type: string | null;
  readonly count: number;
  /** A second. */
  readonly rate: number;
}

/** What is left of a budget, as a share of it: 1 is all, 0 nothing, below 0 overspent. Null without calls. */
export interface Budget {
  /** What is promised, in words. */
  readonly promise: string;
  /** Why it cannot be told; null where it can. */
  readonly unknown: string | null;
  readonly inWindow: Figure;
  /** Over all that the process holds, fifteen minutes at most. */
  readonly held: Figure;
  /** Since the process began to hold anything. */
  readonly sinceBegin: Figure;
}

export interface MethodDetail extends Span {
  readonly service: string;
  readonly method: string;
  readonly declaredBy: string;
  /** The metrics by kind, prefix included. */
  readonly metrics: readonly { readonly name: string; readonly type: string }[];
  /** The ends of the steps. */
  readonly times: readonly Time[];
  /** Calls a second, by how they ended. */
  readonly ok: Course;
  readonly declared: Course;
  readonly undeclared: Course;
  readonly latency: 'histogram' | 'summary' | 'none';
  readonly p50: Course;
  readonly p95: Course;
  readonly p99: Course;
  /** Upper bounds in seconds, without the last, infinite one. */
  readonly bounds: readonly number[];
  /** For each step how many calls fell into each bucket, the one up to infinity included. */
  readonly heat: readonly (readonly number[])[];
  readonly errors: readonly ErrorCount[];
  /** The window of the objective, as declared; null without one. */
  readonly objectiveWindow: string | null;
  readonly budgets: readonly Budget[];
}
