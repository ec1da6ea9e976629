import { isMainThread } from 'node:worker_threads';

import { answerMainThread } from './answer-main-thread';
import { answerPrimary } from './answer-primary';
import { Answers } from './answers';
import { isClusterWorker } from './is-cluster-worker';
import { PeerGroup } from './peer-group';

const KEY = Symbol.for('thrift-metrics.workers.2');

const holder = globalThis as { [KEY]?: PeerGroup };

/** The other processes and threads of the program. Copies of this package share them, as they share the state. */
export const peers: PeerGroup = (holder[KEY] ??= join());

/**
 * Where a program has cluster workers or worker threads, whoever serves the metrics serves those of all: a worker
 * answers from now on, and who may have workers hears of them. Nothing keeps the process for it.
 */
function join(): PeerGroup {
  const joined = new PeerGroup();
  if (isMainThread) {
    joined.threads.watch();
    if (isClusterWorker()) answerPrimary(new Answers());
    else joined.cluster.watch();
  } else answerMainThread(new Answers());
  return joined;
}
