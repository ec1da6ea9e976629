import type { Cluster, Worker } from 'node:cluster';
import diagnosticsChannel = require('node:diagnostics_channel');

import { listenOnce } from './listen';
import { parseMessage, PRIMARY_VARIABLE } from './messages';
import { Peer } from './peer';

/** Where Node tells of a child process before it is started. */
const CHILDREN = 'child_process';

/** The cluster workers of this process. */
export class ClusterPeers {
  private cluster: Cluster | null = null;
  private readonly byWorker = new Map<number, Peer>();

  constructor(private readonly peers: Set<Peer>) {}

  /** Hears of workers from now on, also of what they say last. */
  watch(): void {
    process.env[PRIMARY_VARIABLE] = String(process.pid);
    listenOnce<ClusterPeers>(diagnosticsChannel.channel(CHILDREN), this, (latest) => {
      diagnosticsChannel.subscribe(CHILDREN, () => latest().listen());
    });
  }

  /** Also finds workers that were there before this package was loaded. */
  find(): void {
    for (const worker of Object.values(this.listen().workers ?? {})) {
      if (worker?.isConnected() === true) this.peer(worker);
    }
  }

  private listen(): Cluster {
    if (this.cluster !== null) return this.cluster;
    // When it is first needed: some application servers do not bear its being loaded at all.
    const cluster = require('node:cluster') as Cluster;
    this.cluster = cluster;
    listenOnce<ClusterPeers>(cluster, this, (latest) => {
      cluster.on('message', (worker: Worker, data: unknown) => latest().receive(worker, data));
      // Comes after the last message, whichever way the worker ends.
      cluster.on('disconnect', (worker: Worker) => latest().end(worker));
    });
    return cluster;
  }

  private receive(worker: Worker, data: unknown): void {
    const message = parseMessage(data);
    if (message?.type === 'thrift-metrics.3:chunk') this.peer(worker).receive(message);
  }

  private peer(worker: Worker): Peer {
    let peer = this.byWorker.get(worker.id);
    if (peer === undefined) {
      peer = new Peer((message) => {
        // That a worker is gone meanwhile is no news here.
        if (worker.isConnected()) worker.send(message, () => {});
      });
      this.byWorker.set(worker.id, peer);
      this.peers.add(peer);
    }
    return peer;
  }

  private end({ id }: Worker): void {
    this.byWorker.get(id)?.end();
    this.byWorker.delete(id);
  }
}
