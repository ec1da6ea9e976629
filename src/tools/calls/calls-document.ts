import { isoTime } from '../../metrics/clock';
import { SLOW_FROM } from '../../metrics/latency-class';
import {
  latestWithin,
  MOST_IN_PROGRESS,
  type CallInProgress,
  type SettledCall,
} from '../../runtime/calls/read-calls';
import type { CallsProcess, ProcessCalls } from '../../scrape/workers/worker-calls';
import { groupBy } from '../group-by';
import type {
  CallsDocument,
  ShownCall,
  ShownMethod,
  ShownProcess,
  ShownSettledCall,
} from '../page/browser/calls-protocol';

/** Marks the answer of `/-/calls`. Its number changes with the form of the answer. */
export const CALLS_FORM: CallsDocument['form'] = 'thrift-metrics.calls.1';

/** The methods and calls that a reader asks for. */
export interface CallsQuery {
  readonly service: string | null;
  readonly method: string | null;
  /** Whether to leave out calls that have settled. */
  readonly onlyInProgress: boolean;
}

/** Why calls of a method may be missing: they are selected from those that a process lists. */
const YOUNGER_MISSING = `A process lists only its ${MOST_IN_PROGRESS} oldest calls in progress, so younger ones may be missing.`;

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
  const isCut = reads.some(({ read }) => read.total > read.inProgress.length);
  const missing = [partial, !isAll && isCut ? YOUNGER_MISSING : null].filter((why) => why !== null);
  return {
    form: CALLS_FORM,
    time: isoTime(time),
    enabled: reads.some(({ read }) => read.enabled),
    hidden,
    partial: missing.length === 0 ? null : missing.join(' '),
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
