import { threadId } from 'node:worker_threads';

import type { CallsRead } from '../../runtime/calls/read-calls';
import type { Chunk } from './worker-messages';

/** Names a process or thread of the program. */
export interface CallsProcess {
  readonly pid: number;
  /** The number of a cluster worker as its primary counts it, or null. */
  readonly worker: number | null;
  /** 0 in the main thread. */
  readonly thread: number;
}

/** The calls of a process or thread, or null if it has not answered. */
export interface ProcessCalls {
  /** Null if the process that has not answered is unknown. */
  readonly process: CallsProcess | null;
  readonly read: CallsRead | null;
}

export function unanswered(process: CallsProcess | null): ProcessCalls {
  return { process, read: null };
}

/** Creates the chunk that answers a request for calls. They are null if they are not known. */
export function callsChunk(id: number, calls: readonly ProcessCalls[] | null): Chunk {
  const body = JSON.stringify(calls);
  return { type: 'thrift-metrics.3:chunk', threadId, id, index: 0, kind: 'calls', body };
}

/**
 * Parses the body of a chunk of calls.
 *
 * @throws {TypeError} if the body does not have calls
 */
export function parseCalls(body: string): readonly ProcessCalls[] | null {
  const calls: unknown = JSON.parse(body);
  if (calls === null) return null;
  if (!Array.isArray(calls) || !calls.every(isProcessCalls)) {
    throw new TypeError(
      'A worker sent calls that cannot be read, so they are missing. Use one version of thrift-metrics in all processes.',
    );
  }
  return calls;
}

function isProcessCalls(value: unknown): value is ProcessCalls {
  if (typeof value !== 'object' || value === null) return false;
  const { process, read } = value as {
    readonly process?: Partial<CallsProcess> | null;
    readonly read?: Partial<CallsRead> | null;
  };
  return (
    (process === null || typeof process?.pid === 'number') &&
    (read === null || (Array.isArray(read?.inProgress) && Array.isArray(read.settled)))
  );
}
