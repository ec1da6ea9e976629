import type { ErrorCode } from '../../validation/errors';

/** Marks the answer of `/-/status`, so that `doctor` recognizes it. Its number changes with the form of the answer. */
export const STATUS_FORM = 'thrift-metrics.status.1';

/**
 * What this package measures in a process and what it does not, as `/-/status` answers it in JSON. Contains no secrets: no
 * credentials, no values of calls, and no messages of the program's own errors.
 */
export interface ProcessStatus {
  readonly form: typeof STATUS_FORM;
  readonly process: ProcessDescription;
  readonly versions: LoadedVersions;
  /** Whether calls are recorded: `configureMetrics({ enabled })`. */
  readonly isRecording: boolean;
  readonly details: DetailStatus;
  readonly instrumented: Instrumented;
  readonly registry: RegistryStatus;
  readonly endpoints: readonly EndpointStatus[];
  readonly settings: readonly SettingStatus[];
  readonly series: SeriesStatus;
  readonly faults: readonly FaultStatus[];
}

export interface ProcessDescription {
  readonly pid: number;
  readonly parentPid: number;
  /** The main module, or null if there is none. */
  readonly program: string | null;
  /** Seconds since the process started. */
  readonly uptime: number;
  readonly runtime: 'Node.js' | 'Bun' | 'Deno';
  readonly runtimeVersion: string;
  /** `single` if no worker has reported to this process, and it reports to no other one. */
  readonly role: 'single' | 'primary' | 'cluster worker' | 'worker thread';
  /** Number of workers whose metrics this process adds to its own. */
  readonly workers: number;
}

/** What is kept and counted beyond the calls of each method. Who may see it depends on the endpoint. */
export interface DetailStatus {
  /** Whether single calls are kept: `configureMetrics({ calls })`. */
  readonly calls: boolean;
  /** Whether their arguments are shown: `calls.arguments`. */
  readonly arguments: boolean;
  /** Whether messages and stacks of errors are kept, perhaps redacted by a function: `errorDetails`. */
  readonly errors: 'kept' | 'redacted' | 'not kept';
  /** Whose calls are counted by caller, of all or only of those that requests name: `callers`. */
  readonly callers: 'all' | 'named' | 'none';
}

interface PackageCopy {
  readonly version: string;
  readonly folder: string;
}

export interface LoadedVersions {
  /** The copies of `thrift-metrics`. */
  readonly package: readonly PackageCopy[];
  /** The copies of `prom-client` and `@prometheus-io/client`. */
  readonly clientLibraries: readonly (PackageCopy & {
    readonly name: string;
    /** Whether the registry of this copy contains the metrics. */
    readonly isUsed: boolean;
  })[];
  /** The copies of `thrift`. */
  readonly thrift: readonly (PackageCopy & {
    /** Whether `thrift-metrics/auto` instruments what is created with it. */
    readonly isAutomatic: boolean;
  })[];
  /** Other implementations of Thrift. */
  readonly otherThrift: readonly string[];
}

export interface Instrumented {
  /** Whether `thrift-metrics/auto` is loaded. */
  readonly isAutomatic: boolean;
  /** The measured methods of handlers, with the kinds of their metrics. */
  readonly handlers: readonly {
    readonly service: string;
    readonly methods: readonly { readonly method: string; readonly metrics: readonly string[] }[];
  }[];
  /** Number of handlers that `instrumentHandler` or `thrift-metrics/auto` measures without decorators, by service. */
  readonly facades: readonly { readonly service: string; readonly count: number }[];
  /** The services whose messages are measured. */
  readonly services: readonly { readonly service: string; readonly methods: readonly string[] }[];
  readonly servers: readonly { readonly transport: string; readonly address: string | null }[];
  readonly clients: readonly {
    readonly service: string;
    readonly name: string;
    readonly methods: readonly string[];
  }[];
}

export interface RegistryStatus {
  /** The package whose registry it is, or null if `configureMetrics({ registry })` has set it. */
  readonly library: string | null;
  readonly prefix: string;
  /** Number of metrics of this package in it. */
  readonly metrics: number;
  /** Number of other metrics in it. */
  readonly otherMetrics: number;
  /** Names of the metrics of this package that are not in it, because they were removed or their names are taken. */
  readonly missing: readonly string[];
}

export interface EndpointStatus {
  readonly startedBy: 'startMetricsServer' | 'metricsHandler' | 'auto';
  /** Null for `metricsHandler`, whose server belongs to the program. */
  readonly url: string | null;
  /** Path of the metrics. Null for `metricsHandler`. */
  readonly path: string | null;
  readonly tls: boolean;
  readonly auth: 'none' | 'basic' | 'token' | 'function';
  readonly page: boolean;
  /** Whether it takes profiles. */
  readonly profile: boolean;
}

export interface SettingStatus {
  readonly name: string;
  readonly value: string;
  /** `default`, `code`, the name of a variable, or a file with a line. */
  readonly origin: string;
}

export interface SeriesStatus {
  /** Highest number of series per metric. */
  readonly limit: number;
  readonly metrics: readonly {
    readonly metric: string;
    readonly series: number;
    /** Number of records of new label combinations above the limit. */
    readonly dropped: number;
  }[];
}

export interface FaultStatus {
  readonly site: string;
  /** Value of `thrift_metrics_internal_errors_total`. It is 0 for what is reported without being a fault. */
  readonly count: number;
  readonly code: ErrorCode | null;
  /** `''` if the first message could contain values of the program. */
  readonly message: string;
}
