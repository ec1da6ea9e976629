import type { MetricValues } from '../metrics/sample';

/** Between threads of one process. The number is that of the messages below. */
export const CHANNEL = 'thrift-metrics.workers.1';

/** Sent to every worker by who serves the metrics. */
export interface SnapshotRequest {
  readonly type: 'thrift-metrics:request';
  readonly id: number;
}

/** What a worker answers. */
export interface SnapshotAnswer {
  readonly type: 'thrift-metrics:answer';
  readonly id: number;
  /** Among threads; a process is known by its channel. */
  readonly threadId: number;
  readonly metrics: readonly MetricValues[];
}

/** Sent by a thread when it begins, so that it is known before the first scrape. */
export interface ThreadHello {
  readonly type: 'thrift-metrics:hello';
  readonly threadId: number;
}

export type WorkerMessage = SnapshotRequest | SnapshotAnswer | ThreadHello;

/** Other messages pass on the same channels, of any shape. */
export function parseWorkerMessage(message: unknown): WorkerMessage | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type } = message as { type?: unknown };
  return type === 'thrift-metrics:request' ||
    type === 'thrift-metrics:answer' ||
    type === 'thrift-metrics:hello'
    ? (message as WorkerMessage)
    : null;
}
