import { threadId } from 'node:worker_threads';
import workerThreads = require('node:worker_threads');

import type { Answers } from './answers';
import { listenOnce } from './listen-once';
import { CHANNEL, parseMessage, type Hello } from './messages';
import { openChannel } from './open-channel';

/** In a worker thread: answers the main thread, and tells it what was counted before the thread ends. */
export function answerMainThread(answers: Answers): void {
  listenOnce(workerThreads, answers, (latest) => {
    const hello: Hello = { type: 'thrift-metrics.2:hello', threadId };
    const lobby = openChannel(CHANNEL, (data) => {
      if (parseMessage(data)?.type === 'thrift-metrics.2:call') lobby.postMessage(hello);
    });
    const own = openChannel(`${CHANNEL}.${threadId}`, (data) => {
      void latest().answer(data, (piece) => own.postMessage(piece));
    });
    lobby.postMessage(hello);
    process.on('exit', () => latest().sayLastWord((piece) => lobby.postMessage(piece)));
  });
}
