import type { AnyCall } from './calls-protocol.js';
import { formatSeconds, NO_VALUE } from './format.js';

export interface CallColumn {
  readonly title: string;
  readonly text: (call: AnyCall) => string;
}

const COLUMNS: readonly CallColumn[] = [
  { title: 'Queued', text: ({ queueSeconds }) => formatSeconds(queueSeconds) },
  { title: 'Caller', text: ({ caller }) => caller ?? NO_VALUE },
  { title: 'Peer', text: ({ peer }) => peer ?? NO_VALUE },
  { title: 'Arguments', text: (call) => call.arguments ?? NO_VALUE },
  { title: 'Trace', text: ({ traceId }) => traceId ?? NO_VALUE },
];

const PROCESS: CallColumn = { title: 'Process', text: processName };

/** The columns that at least one of the calls has. The process is one if there are several. */
export function callColumnsOf(calls: readonly AnyCall[]): readonly CallColumn[] {
  const found = COLUMNS.filter(({ text }) => calls.some((call) => text(call) !== NO_VALUE));
  const processes = new Set(calls.map(processName));
  return processes.size > 1 ? [...found, PROCESS] : found;
}

/** Names a process or thread, such as `worker 2 (4711)`. */
export function processName({
  pid,
  worker,
  thread,
}: Pick<AnyCall, 'pid' | 'worker' | 'thread'>): string {
  if (pid === null) return 'an unknown process';
  if (worker !== null) return `worker ${worker} (${pid})`;
  return thread === null || thread === 0 ? `process ${pid}` : `thread ${thread}`;
}
