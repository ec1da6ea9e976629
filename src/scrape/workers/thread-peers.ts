import type { BroadcastChannel, Worker } from 'node:worker_threads';

import { CHANNEL, FINAL_REPORT, parseMessage, type Call } from './messages';
import { openChannel } from './listen';
import { Peer } from './peer';

/** The worker threads of this process. */
export class ThreadPeers {
  /** Where threads say hello, and what they have to say last. */
  private lobby: BroadcastChannel | null = null;
  private readonly byThread = new Map<number, { peer: Peer; channel: BroadcastChannel }>();

  constructor(private readonly peers: Set<Peer>) {}

  /** Hears of threads from now on. */
  watch(): void {
    process.on('worker', (worker: Worker) => {
      // Read now: when the thread has ended it is gone.
      const { threadId } = worker;
      this.openLobby();
      worker.once('exit', () => {
        // What the thread has said before may arrive up to a turn later.
        setImmediate(() => setImmediate(() => this.end(threadId)));
      });
    });
  }

  private openLobby(): void {
    if (this.lobby !== null) return;
    this.lobby = openChannel(CHANNEL, (data) => this.receive(data));
    this.lobby.postMessage({ type: 'thrift-metrics.3:call' } satisfies Call);
  }

  private receive(data: unknown): void {
    const message = parseMessage(data);
    if (message?.type === 'thrift-metrics.3:hello') this.peer(message.threadId);
    else if (message?.type === 'thrift-metrics.3:chunk' && message.id === FINAL_REPORT) {
      this.peer(message.threadId).receive(message);
      // Of a thread that another thread has started nobody else says here that it has ended.
      if (message.kind === 'end') this.end(message.threadId);
    }
  }

  private peer(threadId: number): Peer {
    const known = this.byThread.get(threadId);
    if (known !== undefined) return known.peer;
    // A channel of its own, so that the other threads need not hear all that it has.
    const channel = openChannel(`${CHANNEL}.${threadId}`, (data) => {
      const message = parseMessage(data);
      if (message?.type === 'thrift-metrics.3:chunk') peer.receive(message);
    });
    const peer = new Peer((message) => channel.postMessage(message));
    this.byThread.set(threadId, { peer, channel });
    this.peers.add(peer);
    return peer;
  }

  private end(threadId: number): void {
    const known = this.byThread.get(threadId);
    if (known === undefined) return;
    this.byThread.delete(threadId);
    known.peer.end();
    known.channel.close();
  }
}
