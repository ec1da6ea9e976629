import type { Cluster } from 'node:cluster';

import type { Reporter } from './reporter';
import {
  type Chunk,
  type Hello,
  INTERNAL_MESSAGE,
  isClusterCall,
  PRIMARY_VARIABLE,
} from './worker-messages';

/** Characters of a final report that are sent at once. The pipe holds more, even if the primary is busy. */
const BURST = 64 * 1024;

/** Milliseconds to wait after each burst, so that the primary can read. */
const PAUSE = 2;

const HELLO: Hello = { type: 'thrift-metrics.3:hello', threadId: 0 };

/** Whether this process is a cluster worker. A process without a channel does not need to load the module to know. */
export function isClusterWorker(): boolean {
  return process.send !== undefined && (require('node:cluster') as Cluster).isWorker;
}

/** Reports to the primary of this cluster worker on request, and before the worker ends. */
export function reportToPrimary(reporter: Reporter): void {
  let wasCalled = false;
  process.on('message', (message: unknown) => void reporter.receive(message, send));
  process.on(INTERNAL_MESSAGE as 'message', (message: unknown) => {
    if (!isClusterCall(message)) return;
    wasCalled = true;
    send(HELLO);
  });
  if (hasReceiver()) send(HELLO);
  const sendFinalReport = (): void => {
    if (process.connected && (reporter.wasRequested || wasCalled || hasReceiver())) {
      reporter.sendFinalReport(createPacedSend());
    }
  };
  process.on('exit', sendFinalReport);
  // Node.js has no event before the channel closes, but every way to close it calls this function.
  const disconnect = process.disconnect.bind(process);
  process.disconnect = (): void => {
    sendFinalReport();
    disconnect();
  };
}

/** Whether the primary has this package. Another primary, such as a process manager, may fail on unknown messages. */
function hasReceiver(): boolean {
  return process.env[PRIMARY_VARIABLE] === String(process.ppid);
}

function send(message: Chunk | Hello): void {
  // Without a callback, a channel that closes meanwhile would emit an error event on the process.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** Creates a `send` that never fills the pipe, because a process that exits loses what the pipe does not hold. */
function createPacedSend(): (chunk: Chunk) => void {
  let sent = 0;
  return (chunk) => {
    send(chunk);
    sent += chunk.body.length;
    if (sent < BURST) return;
    sent = 0;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
  };
}
