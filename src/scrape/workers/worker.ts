import workerThreads = require('node:worker_threads');
import { threadId } from 'node:worker_threads';

import type { Answers } from './answer';
import { listenOnce, openChannel } from './listen';
import { CHANNEL, type Hello, parseMessage, type Chunk, PRIMARY_VARIABLE } from './messages';

/** What is sent at once, in characters: the pipe holds more, also when the primary is busy. */
const AT_ONCE = 64 * 1024;
/** How long the primary is then left to read, in milliseconds. */
const PAUSE = 2;

/** In a cluster worker: answers its primary, and tells it what was counted before the worker ends. */
export function answerPrimary(answers: Answers): void {
  process.on('message', (message: unknown) => void answers.answer(message, send));
  const sendFinalReport = (): void => {
    if (process.connected && (answers.wasAsked || hasListener()))
      answers.sendFinalReport(sendPaced());
  };
  process.on('exit', sendFinalReport);
  // There is no event before the channel is closed, and all ways to close it lead here.
  const disconnect = process.disconnect.bind(process);
  process.disconnect = (): void => {
    sendFinalReport();
    disconnect();
  };
}

/** Another primary, as that of a process manager, might not bear messages that it does not know. */
function hasListener(): boolean {
  return process.env[PRIMARY_VARIABLE] === String(process.ppid);
}

function send(chunk: Chunk): void {
  // With a callback: without one, a channel that is closed meanwhile would be an error event of the process.
  if (process.connected) process.send?.(chunk, undefined, undefined, () => {});
}

/** At the end nothing writes what the pipe does not take, so it must not run full. */
function sendPaced(): (chunk: Chunk) => void {
  let sent = 0;
  return (chunk) => {
    send(chunk);
    sent += chunk.body.length;
    if (sent < AT_ONCE) return;
    sent = 0;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
  };
}

/** In a worker thread: answers the main thread, and tells it what was counted before the thread ends. */
export function answerMainThread(answers: Answers): void {
  listenOnce(workerThreads, answers, (latest) => {
    const hello: Hello = { type: 'thrift-metrics.3:hello', threadId };
    const lobby = openChannel(CHANNEL, (data) => {
      if (parseMessage(data)?.type === 'thrift-metrics.3:call') lobby.postMessage(hello);
    });
    const own = openChannel(`${CHANNEL}.${threadId}`, (data) => {
      void latest().answer(data, (chunk) => own.postMessage(chunk));
    });
    lobby.postMessage(hello);
    process.on('exit', () => latest().sendFinalReport((chunk) => lobby.postMessage(chunk)));
  });
}
