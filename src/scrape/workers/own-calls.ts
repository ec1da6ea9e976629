import type { Cluster } from 'node:cluster';
import { threadId } from 'node:worker_threads';

import { readCalls } from '../../runtime/calls/read-calls';
import type { Runtime } from '../../runtime/runtime';
import { CALLS_DEADLINE } from '../deadlines';
import type { PeerSet } from './peer-set';
import type { ProcessCalls } from './worker-calls';
import type { CallsSubject } from './worker-messages';

/** Returns the calls of this process or thread, and of those that report to it and answer within `deadline` milliseconds. */
export async function ownCalls(
  runtime: Runtime,
  own: PeerSet,
  subject: CallsSubject,
  deadline = CALLS_DEADLINE,
): Promise<ProcessCalls[]> {
  const others = own.collectCalls(subject, deadline);
  return [callsOfThis(runtime, subject), ...(await others)];
}

/** Returns the calls of this process or thread alone. */
export function callsOfThis(runtime: Runtime, subject: CallsSubject): ProcessCalls {
  return {
    process: { pid: process.pid, worker: workerNumber(), thread: threadId },
    read: readCalls(runtime, subject === 'bare calls'),
  };
}

/** A process without a channel does not need to load the module to know that it is not a worker. */
function workerNumber(): number | null {
  if (process.send === undefined) return null;
  return (require('node:cluster') as Cluster).worker?.id ?? null;
}
