import workerThreads = require('node:worker_threads');
import { threadId } from 'node:worker_threads';

import { listenOnce } from './listen-once';
import type { Reporter } from './reporter';
import { channelOf, LOBBY, openChannel } from './thread-channel';
import { parseMessage, type Hello } from './worker-messages';

/** Reports to the main thread from this worker thread on request, and before the thread ends. */
export function reportToMainThread(reporter: Reporter): void {
  listenOnce(workerThreads, reporter, (latest) => {
    const hello: Hello = { type: 'thrift-metrics.3:hello', threadId };
    const lobby = openChannel(LOBBY, (data) => {
      if (parseMessage(data)?.type === 'thrift-metrics.3:call') lobby.postMessage(hello);
    });
    const own = openChannel(channelOf(threadId), (data) => {
      void latest().receive(data, (chunk) => own.postMessage(chunk));
    });
    lobby.postMessage(hello);
    process.on('exit', () => latest().sendFinalReport((chunk) => lobby.postMessage(chunk)));
  });
}
