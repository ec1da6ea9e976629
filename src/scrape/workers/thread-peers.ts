import type { BroadcastChannel, Worker } from 'node:worker_threads';

import { Peer } from './peer';
import { channelOf, LOBBY, openChannel } from './thread-channel';
import { FINAL_REPORT, parseMessage, type Call } from './worker-messages';
import { runSoon } from '../../metrics/clock';

/** The worker threads of this process. */
export class ThreadPeers {
  private lobby: BroadcastChannel | null = null;
  private readonly byThread = new Map<number, { peer: Peer; channel: BroadcastChannel }>();

  constructor(private readonly peers: Set<Peer>) {}

  /** Listens to every thread from its start. */
  watch(): void {
    process.on('worker', (worker: Worker) => {
      // Read now, because it changes to -1 when the thread ends.
      const { threadId } = worker;
      this.openLobby();
      worker.once('exit', () => {
        // The last messages of the thread may arrive up to a turn later.
        runSoon(() => runSoon(() => this.end(threadId)));
      });
    });
  }

  private openLobby(): void {
    if (this.lobby !== null) return;
    this.lobby = openChannel(LOBBY, (data) => this.receive(data));
    this.lobby.postMessage({ type: 'thrift-metrics.3:call' } satisfies Call);
  }

  private receive(data: unknown): void {
    const message = parseMessage(data);
    if (message?.type === 'thrift-metrics.3:hello') this.peer(message.threadId);
    else if (message?.type === 'thrift-metrics.3:chunk' && message.id === FINAL_REPORT) {
      this.peer(message.threadId).receive(message);
      // The main thread gets no exit event for a thread that another thread has started.
      if (message.kind === 'end') this.end(message.threadId);
    }
  }

  private peer(threadId: number): Peer {
    const known = this.byThread.get(threadId);
    if (known !== undefined) return known.peer;
    const channel = openChannel(channelOf(threadId), (data) => {
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
