import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { AgeCell } from '../../metrics/cell';
import { wallClock } from '../../metrics/clock';
import { SLOW_FROM } from '../../metrics/latency-class';
import type { CallOrigin } from '../../recording/call-journal';
import type { CallsInProgress } from '../../recording/in-flight';
import type { KeptCall } from '../../recording/kept-calls';
import type { Runtime } from '../runtime';
import { OldestCalls } from './oldest-calls';

/** The most calls in progress that are shown, and of one process. */
export const MOST_IN_PROGRESS = 100;

/** The most characters of the calls that have settled, as JSON, that are shown, and of one process. */
const MOST_CHARACTERS = 256 * 1024;

/** A call that has begun and not settled. */
export interface CallInProgress extends CallOrigin {
  readonly service: string;
  readonly method: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Seconds since it began. */
  readonly age: number;
  readonly traceId: string | null;
}

/** A call that has settled and is kept. */
export interface SettledCall extends KeptCall {
  readonly service: string;
  readonly method: string;
  /** Lower bound of its latency class in seconds if it is kept because it was slow, or null. */
  readonly slowFrom: number | null;
}

/** The calls of one process or thread. */
export interface CallsRead {
  /** Whether calls are kept: `configureMetrics({ calls })`. */
  readonly enabled: boolean;
  /** Number of calls in progress. */
  readonly total: number;
  /** The oldest calls in progress, the oldest first. */
  readonly inProgress: readonly CallInProgress[];
  /** Calls that have settled, the latest first. */
  readonly settled: readonly SettledCall[];
  /** Number of settled calls that are kept and left out here. */
  readonly omitted: number;
}

/**
 * Reads the calls in progress and those that are kept. If `isBare`, their arguments, and the messages and stacks of their
 * errors, are left out.
 */
export function readCalls(runtime: Runtime, isBare: boolean): CallsRead {
  const { enabled } = runtime.journal;
  if (!enabled) return { enabled, total: 0, inProgress: [], settled: [], omitted: 0 };
  const { total, inProgress } = readInProgress(runtime, isBare);
  return { enabled, total, inProgress, ...latestWithin(readSettled(runtime, isBare)) };
}

function readInProgress(
  runtime: Runtime,
  isBare: boolean,
): Pick<CallsRead, 'total' | 'inProgress'> {
  const found = new OldestCalls(MOST_IN_PROGRESS);
  const now = wallClock();
  const oneways = new Set<object>();
  // Also series that rules exclude: the rules are about metrics, not about calls.
  const series = runtime.families.find(CATALOGUE.oldestActive)?.all() ?? [];
  for (const { labels, cell } of series) {
    const { [LABEL.service]: service = '', [LABEL.method]: method = '' } = labels;
    for (const source of (cell as AgeCell).all()) {
      if (!isList(source)) continue;
      source.each((age, reference) => {
        // A message that arrived while calls were not kept. The call of its handler is listed.
        if (source.holdsMessages && reference === null) return;
        const served = reference?.served ?? null;
        if (served !== null && !source.holdsMessages) {
          // The message that the call handles is in progress for longer. A oneway message has settled by now, and several
          // wrappers of one method may handle it.
          if (!served.settled || oneways.has(served)) return;
          oneways.add(served);
        }
        found.add({ service, method, age, reference });
      });
    }
  }
  const { journal } = runtime;
  const inProgress = found.oldest().map(({ service, method, age, reference }) => ({
    service,
    method,
    startedAt: now - age * 1000,
    age,
    ...journal.originOf(service, method, reference, !isBare),
    traceId: journal.traceIdOf(reference?.published ?? null),
  }));
  return { total: found.total, inProgress };
}

function isList(source: object): source is CallsInProgress {
  return 'each' in source;
}

function readSettled({ keptCalls }: Runtime, isBare: boolean): SettledCall[] {
  return [...keptCalls.all()].flatMap((kept) => {
    const { service, method } = kept;
    const name = { service, method };
    const slow = kept
      .slowCalls()
      .flatMap((calls, i) =>
        calls.map((call) => ({ ...call, ...name, slowFrom: SLOW_FROM[i] as number })),
      );
    const failed = kept.failedCalls().map((call) => ({ ...call, ...name, slowFrom: null }));
    return [...slow, ...failed].map((call) => (isBare ? withoutDetails(call) : call));
  });
}

function withoutDetails(call: SettledCall): SettledCall {
  const error = call.error && { ...call.error, message: null, stack: null };
  return { ...call, arguments: null, error };
}

/**
 * The calls that fit into {@link MOST_CHARACTERS}, the latest first. The latest ones of each method go before earlier ones of
 * any other, so that methods that fail often do not crowd out the rest.
 */
export function latestWithin(
  calls: readonly SettledCall[],
): Pick<CallsRead, 'settled' | 'omitted'> {
  const settled: SettledCall[] = [];
  let characters = 0;
  for (const call of byRank(calls)) {
    characters += JSON.stringify(call).length;
    if (characters > MOST_CHARACTERS) break;
    settled.push(call);
  }
  return { settled: settled.toSorted(latestFirst), omitted: calls.length - settled.length };
}

/** Sorts calls by how many of the same method are later, and then by time. */
function byRank(calls: readonly SettledCall[]): SettledCall[] {
  const counts = new Map<string, number>();
  return calls
    .toSorted(latestFirst)
    .map((call) => {
      const key = JSON.stringify([call.service, call.method]);
      const rank = counts.get(key) ?? 0;
      counts.set(key, rank + 1);
      return { call, rank };
    })
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ call }) => call);
}

function latestFirst(a: SettledCall, b: SettledCall): number {
  return endOf(b) - endOf(a);
}

function endOf({ startedAt, seconds }: SettledCall): number {
  return startedAt + (seconds ?? 0) * 1000;
}
