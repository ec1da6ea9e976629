import workerThreads = require('node:worker_threads');
import { isMainThread, threadId, type BroadcastChannel } from 'node:worker_threads';

import { THREADS_DEADLINE } from '../deadlines';
import { listenOnce } from './listen-once';
import { Peer } from './peer';
import type { PeerHost } from './peer-host';
import { watchThreads } from './started-threads';
import { channelOf, listen, LOBBY, openChannel } from './thread-channel';
import { FINAL_REPORT, parseMessage, type Call, type Hello } from './worker-messages';
import { delay, runSoon } from '../../metrics/clock';

const HELLO: Hello = { type: 'thrift-metrics.3:hello', threadId: 0 };

/**
 * The worker threads of this process, from the view of its main thread. If the main thread does not have this package, from
 * the view of another thread.
 */
export class ThreadPeers {
  private isListening = false;
  /** The channel of a search that is running, until it is kept to listen to. */
  private searchLobby: BroadcastChannel | null = null;
  private firstSearch: Promise<void> | null = null;
  private readonly byThread = new Map<number, { peer: Peer; channel: BroadcastChannel }>();
  /** The running threads that other threads have started, and who started each. */
  private readonly parents = new Map<number, number>();

  constructor(
    private readonly peers: Set<Peer>,
    private readonly host: PeerHost,
  ) {}

  /** Listens to every thread from its start. */
  watch(): void {
    watchThreads(
      () => this.openLobby(),
      // The last messages of the thread may arrive up to a turn later.
      (id) => runSoon(() => runSoon(() => this.end(id))),
    );
  }

  /**
   * Finds the threads that were started before this package was loaded. Nothing else shows that they exist. Only the first
   * search is waited for; what a later one finds is part of the next scrape.
   */
  async discover(): Promise<void> {
    if (this.isListening) return;
    if (this.searchLobby === null) {
      const search = this.search();
      this.firstSearch ??= search;
    }
    await this.firstSearch;
  }

  /** Listens for a moment. A channel that stayed open would keep the modules of a test runner in memory. */
  private async search(): Promise<void> {
    const lobby = openChannel(LOBBY, (data) => {
      // This channel was not kept to listen to, so an earlier copy of this package hears everything, and passes it on.
      if (this.isListening) return;
      if (parseMessage(data)?.type === 'thrift-metrics.3:hello') this.openLobby();
      this.receive(data);
    });
    this.searchLobby = lobby;
    lobby.postMessage({ type: 'thrift-metrics.3:call' } satisfies Call);
    await delay(THREADS_DEADLINE);
    this.searchLobby?.close();
    this.searchLobby = null;
  }

  private openLobby(): void {
    if (this.isListening) return;
    this.isListening = true;
    // A thread that reports to others listens as `workerThreads`.
    const target = isMainThread ? workerThreads : workerThreads.BroadcastChannel;
    listenOnce<ThreadPeers>(target, this, (latest) => {
      // Beside the channel of a search, a second one would hear the same messages, and count a final report twice.
      const lobby = this.searchLobby ?? openChannel(LOBBY);
      this.searchLobby = null;
      listen(lobby, (data) => {
        if (isMainThread && parseMessage(data)?.type === 'thrift-metrics.3:call') {
          lobby.postMessage(HELLO);
        } else latest().receive(data);
      });
      if (!isMainThread) return;
      const reporter = this.host.createReporter();
      const main = openChannel(channelOf(0), (data) => {
        void reporter.receive(data, (chunk) => main.postMessage(chunk));
      });
    });
    const channel = openChannel(LOBBY);
    channel.postMessage({ type: 'thrift-metrics.3:call' } satisfies Call);
    channel.close();
  }

  private receive(data: unknown): void {
    const message = parseMessage(data);
    if (message?.type === 'thrift-metrics.3:hello') {
      if (message.threadId === threadId || message.threadId === 0) return;
      this.peer(message.threadId);
      this.host.announced(message.endpoint);
    } else if (message?.type === 'thrift-metrics.3:chunk' && message.id === FINAL_REPORT) {
      this.peer(message.threadId).receive(message);
      // The main thread gets no exit event for a thread that another thread has started.
      if (message.kind === 'end') this.end(message.threadId);
    } else if (message?.type === 'thrift-metrics.3:child') {
      if (message.isRunning) this.parents.set(message.threadId, message.parent);
      else this.end(message.threadId);
    }
  }

  private peer(id: number): Peer {
    const known = this.byThread.get(id);
    if (known !== undefined) return known.peer;
    const channel = openChannel(channelOf(id), (data) => {
      const message = parseMessage(data);
      if (message?.type === 'thrift-metrics.3:chunk') peer.receive(message);
    });
    const named = { pid: process.pid, worker: null, thread: id };
    const peer = new Peer((message) => channel.postMessage(message), undefined, named);
    this.byThread.set(id, { peer, channel });
    this.peers.add(peer);
    return peer;
  }

  /** Ends a thread, and those that it has started: they end with it, without a final report. */
  private end(id: number): void {
    this.parents.delete(id);
    for (const [child, parent] of this.parents) if (parent === id) this.end(child);
    const known = this.byThread.get(id);
    if (known === undefined) return;
    this.byThread.delete(id);
    known.peer.end();
    known.channel.close();
  }
}
