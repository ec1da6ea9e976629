import { isMainThread } from 'node:worker_threads';

import { definePart, type Runtime } from '../../runtime/runtime';
import { LATE, within, WORKERS_DEADLINE } from '../deadlines';
import { TimeBudget } from '../time-budget';
import { ClusterPeers } from './cluster-peers';
import { isClusterWorker, reportToPrimary } from './cluster-worker';
import { encodeFamilies } from './encoded-family';
import { decodeUserMetrics, encodeUserMetrics } from './encoded-user-metric';
import { FamilySum } from './family-sum';
import type { Peer, WorkerValues } from './peer';
import { ReportedNames } from './reported-names';
import { Reporter } from './reporter';
import { ThreadPeers } from './thread-peers';
import { sumUserMetrics } from './user-metric-sum';
import { reportToMainThread } from './worker-thread';

const NO_VALUES: WorkerValues = { families: [], userMetrics: [] };

/** The cluster workers and worker threads of this process that use this package. */
class PeerGroup {
  private readonly peers = new Set<Peer>();
  readonly cluster = new ClusterPeers(this.peers);
  readonly threads = new ThreadPeers(this.peers);
  readonly names: ReportedNames;
  /** The sum over workers that are gone. */
  private retired = NO_VALUES;
  private requests = 0;
  private collecting: Promise<WorkerValues[]> | null = null;

  constructor(private readonly runtime: Runtime) {
    this.names = new ReportedNames(runtime.faults);
  }

  /** Finds the workers that were started before this package was loaded. The first time, this takes a moment. */
  async discover(): Promise<void> {
    if (isMainThread) await Promise.all([this.cluster.discover(), this.threads.discover()]);
  }

  /** Whether there are workers that have announced themselves, or values of workers that are gone. */
  hasPeers(): boolean {
    return this.peers.size > 0 || this.retired !== NO_VALUES;
  }

  /** Returns the report of every worker, or its latest one if none arrives in time, and the sum of those that are gone. */
  collect(): Promise<WorkerValues[]> {
    // Scrapes at the same time share one round of requests.
    this.collecting ??= this.request().finally(() => {
      this.collecting = null;
    });
    return this.collecting;
  }

  /** Returns the latest report of every worker, and the sum of those that are gone. */
  latest(): WorkerValues[] {
    return [this.retired, ...[...this.peers].map(({ last }) => last ?? NO_VALUES)];
  }

  private async request(): Promise<WorkerValues[]> {
    const id = ++this.requests;
    const asked = [...this.peers].filter(({ isGone }) => !isGone);
    const reports = Promise.all(asked.map((peer) => peer.ask(id)));
    if ((await within(reports, WORKERS_DEADLINE)) === LATE) {
      for (const peer of asked) peer.giveUp();
    }
    await this.retire([...this.peers].filter(({ isGone }) => isGone));
    return this.latest();
  }

  /** Adds the values of workers that are gone to one sum, so that counters do not fall and memory stays bounded. */
  private async retire(gone: readonly Peer[]): Promise<void> {
    const left = gone.flatMap(({ last }) => last ?? []);
    // The values of these workers can no longer change. Workers that end meanwhile are retired in the next round.
    if (left.length > 0) this.retired = await sumOfRetired(this.runtime, [this.retired, ...left]);
    for (const peer of gone) this.peers.delete(peer);
  }
}

async function sumOfRetired(
  runtime: Runtime,
  parts: readonly WorkerValues[],
): Promise<WorkerValues> {
  const budget = new TimeBudget();
  const sum = new FamilySum(runtime.faults, isLasting);
  for (const body of parts.flatMap(({ families }) => families)) {
    sum.addBody(body);
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  sum.forgetWindows();
  const families: string[] = [];
  for (const encoded of encodeFamilies(sum.families(), {}, sum.labelNames)) {
    families.push(JSON.stringify(encoded));
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  const userMetrics = parts
    .flatMap((part) => part.userMetrics)
    .flatMap((body) => decodeUserMetrics(runtime.faults, body))
    .filter(isLasting);
  return {
    families,
    userMetrics: [...encodeUserMetrics(await sumUserMetrics(runtime, userMetrics, budget))],
  };
}

/** Whether the values of a worker that is gone are kept: for types whose values only grow. */
function isLasting({ type }: { readonly type: string }): boolean {
  return type === 'counter' || type === 'histogram' || type === 'summary';
}

/**
 * The other processes and threads of the program, whose metrics this process adds to its own when it serves them. A worker
 * reports from the moment it loads this package. None of this keeps the process alive.
 */
export const peerGroupOf = definePart('scrape.workers', (runtime) => {
  const group = new PeerGroup(runtime);
  if (isMainThread) {
    group.threads.watch();
    if (isClusterWorker()) reportToPrimary(new Reporter(runtime));
    else group.cluster.watch();
  } else reportToMainThread(new Reporter(runtime));
  return group;
});
