// The JSON of `/-/calls`, as far as the page shows it. What is unknown is null, durations are seconds, times are ISO 8601.

interface CallOrigin {
  readonly pid: number | null;
  readonly worker: number | null;
  readonly thread: number | null;
  readonly startedAt: string;
  readonly queueSeconds: number | null;
  readonly peer: string | null;
  readonly caller: string | null;
  readonly traceId: string | null;
  readonly arguments: string | null;
}

export interface CallInProgress extends CallOrigin {
  readonly service: string;
  readonly method: string;
  readonly age: number;
}

export interface SettledCall extends CallOrigin {
  readonly duration: number | null;
  readonly handlerSeconds: number | null;
  readonly error: { readonly message: string | null; readonly stack: string | null } | null;
}

export interface MethodCalls {
  readonly service: string;
  readonly method: string;
  readonly slow: readonly {
    readonly from: number;
    readonly to: number | null;
    readonly calls: readonly SettledCall[];
  }[];
  readonly failed: readonly {
    readonly type: string;
    readonly kind: string;
    readonly calls: readonly SettledCall[];
  }[];
}

export interface Calls {
  readonly enabled: boolean;
  readonly hidden: string | null;
  readonly partial: string | null;
  readonly processes: readonly {
    readonly pid: number | null;
    readonly worker: number | null;
    readonly thread: number;
    readonly answered: boolean;
  }[];
  readonly inProgress: { readonly total: number; readonly calls: readonly CallInProgress[] };
  readonly methods: readonly MethodCalls[];
  readonly omitted: number;
}
