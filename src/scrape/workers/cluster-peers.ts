import type { Cluster, Worker } from 'node:cluster';
import diagnosticsChannel = require('node:diagnostics_channel');
import { EventEmitter } from 'node:events';

import { IS_BUN } from '../../runtime/javascript-runtime';
import { ANNOUNCEMENT_DEADLINE, within } from '../deadlines';
import { listenOnce } from './listen-once';
import { Peer } from './peer';
import type { PeerHost } from './peer-host';
import type { Reporter } from './reporter';
import {
  type Chunk,
  CLUSTER_CALL,
  parseMessage,
  PRIMARY_VARIABLE,
  type Request,
} from './worker-messages';

/** The diagnostics channel on which Node.js announces a child process before it starts. */
const CHILD_PROCESSES = 'child_process';

/** The cluster workers of this process. */
export class ClusterPeers {
  private cluster: Cluster | null = null;
  /** The workers that have announced themselves. */
  private readonly byWorker = new Map<number, Peer>();
  /** Workers that announce themselves without being asked, or that were asked before. */
  private readonly expected = new Set<number>();
  /** Called when a worker announces itself or ends. */
  private readonly awaited = new Map<number, () => void>();

  /** Sends workers the sum over all of them. */
  private readonly reporters = new Map<number, Reporter>();

  constructor(
    private readonly peers: Set<Peer>,
    private readonly host: PeerHost,
  ) {}

  /** Listens to every worker from its start, so that no final report is lost. */
  watch(): void {
    process.env[PRIMARY_VARIABLE] = String(process.pid);
    // A subscription would keep the environment of a test file in memory for as long as its test runner runs.
    if (isSandboxed()) return;
    if (IS_BUN) {
      // Bun does not announce child processes.
      this.listen();
      return;
    }
    listenOnce<ClusterPeers>(diagnosticsChannel.channel(CHILD_PROCESSES), this, (latest) => {
      diagnosticsChannel.subscribe(CHILD_PROCESSES, () => latest().listen());
    });
  }

  /**
   * Asks workers that have not announced themselves to do so: they were started before this package was loaded here. Waits a
   * moment for each of them, the first time that it is asked.
   */
  async discover(): Promise<void> {
    const silent = Object.values(this.listen().workers ?? {}).filter(
      (worker): worker is Worker => worker?.isConnected() === true && !this.byWorker.has(worker.id),
    );
    const announcements = silent.flatMap((worker) => {
      worker.send(CLUSTER_CALL, () => {});
      if (this.expected.has(worker.id)) return [];
      this.expected.add(worker.id);
      return this.announcementOf(worker);
    });
    if (announcements.length > 0) await within(Promise.all(announcements), ANNOUNCEMENT_DEADLINE);
  }

  private announcementOf({ id }: Worker): Promise<void> {
    return new Promise((resolve) => this.awaited.set(id, resolve));
  }

  private listen(): Cluster {
    if (this.cluster !== null) return this.cluster;
    // Loaded only when it is needed, because some application servers fail once it is loaded.
    const cluster = require('node:cluster') as Cluster;
    if (isSandboxed() && Object.keys(cluster.workers ?? {}).length === 0) return cluster;
    this.cluster = cluster;
    listenOnce<ClusterPeers>(cluster, this, (latest) => {
      // Announces itself when it loads this package, since it knows the environment variable.
      cluster.on('fork', (worker: Worker) => void latest().expected.add(worker.id));
      cluster.on('message', (worker: Worker, data: unknown) => latest().receive(worker, data));
      // Emitted after the last message, however the worker ends.
      cluster.on('disconnect', (worker: Worker) => latest().end(worker));
    });
    return cluster;
  }

  private receive(worker: Worker, data: unknown): void {
    const message = parseMessage(data);
    if (message?.type === 'thrift-metrics.3:hello') {
      this.peer(worker);
      this.host.announced(message.endpoint);
    } else if (message?.type === 'thrift-metrics.3:chunk') this.peer(worker).receive(message);
    else if (message?.type === 'thrift-metrics.3:request') {
      let reporter = this.reporters.get(worker.id);
      if (reporter === undefined) {
        this.reporters.set(worker.id, (reporter = this.host.createReporter()));
      }
      void reporter.receive(message, (chunk) => send(worker, chunk));
    }
  }

  private peer(worker: Worker): Peer {
    let peer = this.byWorker.get(worker.id);
    if (peer === undefined) {
      const { id, process: child } = worker;
      const named = { pid: child.pid ?? 0, worker: id, thread: 0 };
      peer = new Peer((message) => send(worker, message), undefined, named);
      this.byWorker.set(worker.id, peer);
      this.peers.add(peer);
      this.awaited.get(worker.id)?.();
      this.awaited.delete(worker.id);
    }
    return peer;
  }

  private end({ id }: Worker): void {
    this.byWorker.get(id)?.end();
    this.byWorker.delete(id);
    this.expected.delete(id);
    this.reporters.delete(id);
    this.awaited.get(id)?.();
    this.awaited.delete(id);
  }
}

function send(worker: Worker, message: Chunk | Request): void {
  // Ignores an error, which means that the worker has ended meanwhile.
  if (worker.isConnected()) worker.send(message, () => {});
}

/** Whether this code has a global object other than that of Node.js itself, as test files in Jest have. */
function isSandboxed(): boolean {
  return Object.getPrototypeOf(EventEmitter) !== Function.prototype;
}
