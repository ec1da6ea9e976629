import { isMainThread } from 'node:worker_threads';

import { definePart, type Runtime } from '../../runtime/runtime';
import { thriftUseOf } from '../../runtime/thrift-use';
import { ClusterPeers } from './cluster-peers';
import { isClusterWorker, Primary } from './cluster-worker';
import type { WorkerValues } from './peer';
import { ownCalls } from './own-calls';
import type { PeerHost } from './peer-host';
import { PeerSet } from './peer-set';
import { ReportedNames } from './reported-names';
import { Reporter } from './reporter';
import { processManagerApp } from '../../runtime/process-manager';
import { Siblings } from './siblings/siblings';
import type { Superior } from './superior';
import { ThreadPeers } from './thread-peers';
import type { ProcessCalls } from './worker-calls';
import type { CallsSubject, Hello } from './worker-messages';
import { type Content, ownContents, reportedContents } from './worker-report';
import { MainThread } from './worker-thread';

/** The metrics server of this process, as its workers may want it. */
interface Endpoint {
  /** Serves the metrics on a port. */
  serve(port: number): void;
  /** Serves them no longer, because the program does. */
  claim(): void;
}

/** The processes and threads of the program that use this package, beside this one. */
class PeerGroup implements PeerHost {
  /** The processes and threads that report to this one. */
  private readonly own: PeerSet;
  readonly cluster: ClusterPeers;
  readonly threads: ThreadPeers;
  readonly names: ReportedNames;
  /** Requests the sum, if another process or thread has it. */
  superior: Superior | null = null;
  endpoint: Endpoint | null = null;

  constructor(private readonly runtime: Runtime) {
    this.own = new PeerSet(runtime);
    this.cluster = new ClusterPeers(this.own.peers, this);
    this.threads = new ThreadPeers(this.own.peers, this);
    this.names = new ReportedNames(runtime.faults);
  }

  /** Starts to report to the process or thread that has the sum, and listens to those that report to this one. */
  join(): void {
    const { runtime, own } = this;
    if (isMainThread) this.threads.watch();
    if (!isMainThread) {
      const main = new MainThread(runtime, own);
      this.superior = main;
      main.report();
    } else if (isClusterWorker()) {
      this.joinCluster();
      return;
    }
    this.cluster.watch();
  }

  private joinCluster(): void {
    const { runtime, own } = this;
    this.superior = new Siblings(runtime, own, this);
    // Until then, a preloaded package stays idle.
    thriftUseOf(runtime).whenUsed(() => this.meet());
    // PM2's daemon is the primary of every application, and not a part of any.
    if (processManagerApp() !== null) return;
    const primary = new Primary(runtime, own, () => {
      this.superior = primary;
    });
    primary.report();
  }

  /** Finds the workers that were started before this package was loaded. The first time, this takes a moment. */
  async discover(): Promise<void> {
    await this.superior?.discover();
    if (this.hasSuperior()) return;
    const searches = [this.cluster.discover()];
    if (isMainThread || !isTestRunner()) searches.push(this.threads.discover());
    await Promise.all(searches);
  }

  /** Number of workers that have announced themselves and whose metrics are part of those of this process. */
  get size(): number {
    return this.own.size;
  }

  /** The workers that report to this process or thread and have not ended. Each is one object for as long as it runs. */
  live(): ReadonlySet<object> {
    return new Set([...this.own.peers].filter(({ isGone }) => !isGone));
  }

  /** Whether the program consists of more than this process or thread, as far as is known. */
  hasPeers(): boolean {
    return this.hasSuperior() || !this.own.isEmpty;
  }

  /** Whether `collect` and `latest` include the metrics of this process or thread. */
  hasSuperior(): boolean {
    return this.superior?.hasSum() === true;
  }

  /**
   * Returns the reports of all others, including those that are gone.
   *
   * @throws {@link ThriftMetricsError} `TM_ERR_NO_SUM` if the process or thread that has the sum does not send it
   */
  async collect(): Promise<readonly WorkerValues[]> {
    return this.hasSuperior() ? (this.superior as Superior).collect() : this.own.collect();
  }

  /** Returns the latest reports of all others. */
  latest(): readonly WorkerValues[] {
    return this.hasSuperior() ? (this.superior as Superior).latest() : this.own.latest();
  }

  /** Returns the calls of the whole program, or null if only those of this process or thread are known. */
  async collectCalls(subject: CallsSubject): Promise<readonly ProcessCalls[] | null> {
    if (!this.hasSuperior()) return ownCalls(this.runtime, this.own, subject);
    try {
      return await (this.superior as Superior).calls(subject);
    } catch (error) {
      this.runtime.faults.report('worker', error);
      return null;
    }
  }

  createReporter(): Reporter {
    return new Reporter(
      this.runtime.faults,
      () => this.wholeContents(),
      (subject) => this.collectCalls(subject),
    );
  }

  private async *wholeContents(): AsyncGenerator<Content, undefined> {
    if (this.hasSuperior()) yield* reportedContents(await this.collect());
    else yield* ownContents(this.runtime, () => this.own.collect());
  }

  announced(endpoint: Hello['endpoint']): void {
    if (endpoint === undefined) return;
    if (endpoint === 'claimed') this.endpoint?.claim();
    else this.endpoint?.serve(endpoint);
  }

  /** See {@link Superior.whileServing}. */
  whileServing(port: number, open: (isSuccessor: boolean) => void, close: () => void): void {
    if (this.superior === null) open(false);
    else this.superior.whileServing(port, open, close);
  }

  /** Lets the others know that the program serves its metrics itself. */
  async claimServing(): Promise<void> {
    await this.superior?.claimServing();
  }

  /** Meets the other workers, even if nothing is measured so far. */
  meet(): void {
    if (this.superior instanceof Siblings) this.superior.join();
  }
}

/** Whether this is a thread of a test runner, which runs tests that have nothing to do with each other in its threads. */
function isTestRunner(): boolean {
  return process.env['VITEST'] !== undefined || process.env['JEST_WORKER_ID'] !== undefined;
}

/**
 * The other processes and threads of the program, whose metrics this process adds to its own when it serves them. A worker
 * reports from the moment it loads this package. None of this keeps the process alive.
 */
export const peerGroupOf = definePart('scrape.workers', (runtime) => {
  const group = new PeerGroup(runtime);
  group.join();
  return group;
});
