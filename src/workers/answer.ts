import type { Cluster } from 'node:cluster';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

import { faults } from '../registry/faults';
import { CHANNEL, parseWorkerMessage, type SnapshotAnswer, type WorkerMessage } from './messages';
import { takeSnapshot } from './snapshot';

/** Milliseconds, well within the time that an answer is waited for. */
const DEADLINE = 800;

/**
 * In a cluster worker or a worker thread: answers whoever serves the metrics of all. Nothing keeps the worker alive for it.
 */
export function answerAsWorker(): void {
  // A cluster worker has a channel to its primary; a program without one need not load the module.
  if (process.send !== undefined && (require('node:cluster') as Cluster).isWorker) {
    process.on('message', (message: unknown) => {
      answer(message, (reply) => {
        if (process.connected) process.send?.(reply);
      });
    });
  }
  if (!isMainThread) {
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }: { data: unknown }): void => {
      answer(data, (reply) => channel.postMessage(reply));
    };
    channel.unref();
    channel.postMessage({ type: 'thrift-metrics:hello', threadId } satisfies WorkerMessage);
  }
}

function answer(message: unknown, reply: (answer: SnapshotAnswer) => void): void {
  const request = parseWorkerMessage(message);
  if (request?.type !== 'thrift-metrics:request') return;
  takeSnapshot(DEADLINE)
    .then((metrics) => reply({ type: 'thrift-metrics:answer', id: request.id, threadId, metrics }))
    .catch((error: unknown) => faults.report('worker', error));
}
