import { isoTime } from '../../metrics/clock';
import { SLOW_FROM } from '../../metrics/slowness';
import {
  latestWithin,
  MOST_IN_PROGRESS,
  type CallInProgress,
  type SettledCall,
} from '../../runtime/calls/read-calls';
import type { CallsProcess, ProcessCalls } from '../../scrape/workers/worker-calls';
import { groupBy } from '../group-by';

/** Marks the answer of `/-/calls`. Its number changes with the form of the answer. */
export const CALLS_FORM = 'thrift-metrics.calls.1';

/** What `/-/calls` answers in JSON. Times are ISO 8601, durations are seconds, and what is unknown is null. */
export interface CallsDocument {
  readonly form: typeof CALLS_FORM;
  readonly time: string;
  /** Whether calls are kept: `configureMetrics({ calls })`. */
  readonly enabled: boolean;
  /** Why arguments, error messages and stacks are not shown, or null if they are. */
  readonly hidden: string | null;
  /** Why this is not the whole program, or null if it is. */
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

interface ShownProcess {
  readonly pid: number | null;
  readonly worker: number | null;
  readonly thread: number | null;
}

/** A call in progress. */
export interface ShownCall extends ShownProcess {
  readonly service: string;
  readonly method: string;
  readonly startedAt: string;
  readonly age: number;
  readonly queueSeconds: number | null;
  readonly peer: string | null;
  readonly caller: string | null;
  readonly traceId: string | null;
  readonly arguments: string | null;
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
interface ShownSettledCall extends ShownProcess {
  readonly startedAt: string;
  /** Seconds, or null if nothing measures the latency of the method. */
  readonly duration: number | null;
  /** Seconds before the handler ran, and in the handler. */
  readonly queueSeconds: number | null;
  readonly handlerSeconds: number | null;
  readonly peer: string | null;
  readonly caller: string | null;
  readonly traceId: string | null;
  readonly arguments: string | null;
  readonly error: {
    readonly message: string | null;
    readonly stack: string | null;
  } | null;
}

/** The methods and calls that a reader asks for. */
export interface CallsQuery {
  readonly service: string | null;
  readonly method: string | null;
  /** Whether to leave out calls that have settled. */
  readonly onlyInProgress: boolean;
}

type OfProcess<T> = T & { readonly process: CallsProcess | null };

/** Joins the calls of all processes, and selects those that the reader asks for. */
export function createCallsDocument(
  all: readonly ProcessCalls[],
  { service, method, onlyInProgress }: CallsQuery,
  { time, hidden, partial }: { time: number; hidden: string | null; partial: string | null },
): CallsDocument {
  const isWanted = (call: { readonly service: string; readonly method: string }): boolean =>
    (service === null || call.service === service) && (method === null || call.method === method);
  const reads = all.flatMap(({ process, read }) => (read === null ? [] : [{ process, read }]));
  const inProgress = reads.flatMap(({ process, read }) =>
    read.inProgress.filter(isWanted).map((call) => ({ ...call, process })),
  );
  const settled = reads.flatMap(({ process, read }) =>
    onlyInProgress ? [] : read.settled.filter(isWanted).map((call) => ({ ...call, process })),
  );
  const shown = latestWithin(settled);
  const isAll = service === null && method === null;
  return {
    form: CALLS_FORM,
    time: isoTime(time),
    enabled: reads.some(({ read }) => read.enabled),
    hidden,
    partial,
    processes: all.map(({ process, read }) => ({
      ...processOf({ process }),
      answered: read !== null,
    })),
    inProgress: {
      total: isAll ? reads.reduce((sum, { read }) => sum + read.total, 0) : inProgress.length,
      calls: inProgress
        .toSorted((a, b) => b.age - a.age)
        .slice(0, MOST_IN_PROGRESS)
        .map(showInProgress),
    },
    methods: methodsOf(shown.settled as OfProcess<SettledCall>[]),
    omitted: onlyInProgress
      ? 0
      : shown.omitted + reads.reduce((sum, { read }) => sum + read.omitted, 0),
  };
}

function showInProgress(call: OfProcess<CallInProgress>): ShownCall {
  const { service, method, startedAt, age, queueSeconds, peer, caller, traceId } = call;
  return {
    ...processOf(call),
    service,
    method,
    startedAt: isoTime(startedAt),
    age,
    queueSeconds,
    peer,
    caller,
    traceId,
    arguments: call.arguments,
  };
}

function methodsOf(settled: readonly OfProcess<SettledCall>[]): ShownMethod[] {
  const byMethod = groupBy(settled, ({ service, method }) => JSON.stringify([service, method]));
  return [...byMethod.values()].map((calls) => {
    const [{ service, method }] = calls as [OfProcess<SettledCall>];
    const slow = [...SLOW_FROM.entries()]
      .map(([i, from]) => ({
        from,
        to: SLOW_FROM[i + 1] ?? null,
        calls: calls.filter(({ slowFrom }) => slowFrom === from).map(showSettled),
      }))
      .filter((group) => group.calls.length > 0)
      .toReversed();
    const failed = calls.filter(({ error }) => error !== null);
    const byType = groupBy(failed, ({ error }) => JSON.stringify([error?.type, error?.kind]));
    return {
      service,
      method,
      slow,
      failed: [...byType.values()].map((group) => {
        const { type = '', kind = '' } = group[0]?.error ?? {};
        return { type, kind, calls: group.map(showSettled) };
      }),
    };
  });
}

function showSettled(call: OfProcess<SettledCall>): ShownSettledCall {
  const { startedAt, seconds, queueSeconds, peer, caller, traceId, error } = call;
  return {
    ...processOf(call),
    startedAt: isoTime(startedAt),
    duration: seconds === null ? null : seconds + (queueSeconds ?? 0),
    queueSeconds,
    handlerSeconds: seconds,
    peer,
    caller,
    traceId,
    arguments: call.arguments,
    error: error === null ? null : { message: error.message, stack: error.stack },
  };
}

function processOf({ process }: { readonly process: CallsProcess | null }): ShownProcess {
  const { pid = null, worker = null, thread = null } = process ?? {};
  return { pid, worker, thread };
}
