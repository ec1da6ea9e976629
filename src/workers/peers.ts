import type { Cluster, Worker as ClusterWorker } from 'node:cluster';
import { BroadcastChannel, isMainThread, type Worker } from 'node:worker_threads';

import type { MetricValues } from '../metrics/sample';
import { aggregate } from './aggregate';
import { CHANNEL, parseWorkerMessage, type SnapshotRequest } from './messages';
import { Peer } from './peer';

/** How long an answer is waited for, in milliseconds: a tenth of Prometheus' own patience with a scrape. */
const TIMEOUT = 1000;

/** Types whose values only grow, so that what a worker has counted stays counted when it is gone. */
const LASTING = new Set(['counter', 'histogram', 'summary']);

/** The cluster workers of this process and its worker threads, as far as they use this package. */
class Peers {
  private readonly peers = new Map<string, Peer>();
  private readonly deadThreads = new Set<string>();
  /** What workers that are gone had counted. */
  private retired: readonly MetricValues[] = [];
  private requests = 0;
  private collecting: Promise<(readonly MetricValues[])[]> | null = null;
  private cluster: Cluster | null = null;
  private channel: BroadcastChannel | null = null;

  /** Learns of worker threads from now on. Those that run already are found when they answer the first request. */
  watchThreads(): void {
    if (!isMainThread) return;
    process.on('worker', (worker: Worker) => {
      const key = `thread ${worker.threadId}`;
      this.openChannel();
      worker.once('exit', () => {
        const peer = this.peers.get(key);
        if (peer === undefined) return;
        this.deadThreads.add(key);
        peer.giveUp();
      });
    });
  }

  private openChannel(): BroadcastChannel {
    if (this.channel !== null) return this.channel;
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.unref();
    this.channel.onmessage = ({ data }: { data: unknown }): void => {
      const message = parseWorkerMessage(data);
      if (message === null || message.type === 'thrift-metrics:request') return;
      const peer = this.peer(`thread ${message.threadId}`);
      if (message.type === 'thrift-metrics:answer') peer.answer(message.id, message.metrics);
    };
    return this.channel;
  }

  /** Whether there is anybody to ask, or anything that those who are gone have left. */
  any(): boolean {
    if (!isMainThread) return false;
    this.findClusterWorkers();
    return this.peers.size > 0 || this.retired.length > 0;
  }

  /** The values of every worker: what it answers in time, else the last it has sent; and of those who are gone. */
  collect(): Promise<(readonly MetricValues[])[]> {
    // Scrapes that overlap share one round of questions.
    this.collecting ??= this.ask().finally(() => {
      this.collecting = null;
    });
    return this.collecting;
  }

  private async ask(): Promise<(readonly MetricValues[])[]> {
    this.findClusterWorkers();
    const request: SnapshotRequest = { type: 'thrift-metrics:request', id: ++this.requests };
    const expected = [...this.peers.values()].map((peer) => peer.expect(request.id));
    this.channel?.postMessage(request);
    // A worker that ends meanwhile is given up below; that its channel is closed is no news then.
    for (const worker of this.clusterWorkers()) worker.send(request, () => {});
    const timer = setTimeout(() => {
      for (const peer of this.peers.values()) peer.giveUp();
    }, TIMEOUT);
    await Promise.all(expected);
    clearTimeout(timer);
    this.retire();
    const snapshots = [...this.peers.values()].map(({ last }) => last ?? []);
    return [this.retired, ...snapshots].filter(({ length }) => length > 0);
  }

  private peer(key: string): Peer {
    let peer = this.peers.get(key);
    if (peer === undefined) this.peers.set(key, (peer = new Peer()));
    return peer;
  }

  private findClusterWorkers(): void {
    if (this.cluster === null) {
      // When it is first needed: some application servers do not bear its being loaded at all.
      this.cluster = require('node:cluster') as Cluster;
      this.cluster.on('message', (worker: ClusterWorker, data: unknown) => {
        const message = parseWorkerMessage(data);
        if (message?.type !== 'thrift-metrics:answer') return;
        this.peer(`process ${worker.id}`).answer(message.id, message.metrics);
      });
      this.cluster.on('exit', ({ id }: ClusterWorker) => this.peers.get(`process ${id}`)?.giveUp());
    }
    for (const worker of this.clusterWorkers()) this.peer(`process ${worker.id}`);
  }

  private clusterWorkers(): ClusterWorker[] {
    if (this.cluster === null || !this.cluster.isPrimary) return [];
    return Object.values(this.cluster.workers ?? {}).filter(
      (worker): worker is ClusterWorker => worker?.isConnected() === true,
    );
  }

  /** Moves what those who are gone had counted to one place, so that it neither falls nor grows without end. */
  private retire(): void {
    const alive = new Set(this.clusterWorkers().map(({ id }) => `process ${id}`));
    for (const [key, { last }] of this.peers) {
      const isGone = key.startsWith('thread') ? this.deadThreads.delete(key) : !alive.has(key);
      if (!isGone) continue;
      this.peers.delete(key);
      const lasting = (last ?? []).filter(({ type }) => LASTING.has(type));
      this.retired = aggregate([this.retired, lasting]);
    }
  }
}

export const peers = new Peers();
