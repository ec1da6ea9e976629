import { isMainThread } from 'node:worker_threads';

import { definePart, type Runtime } from '../../runtime/runtime';
import { WORKERS_DEADLINE } from '../deadlines';
import { TimeBudget } from '../time-budget';
import { Answers } from './answer';
import { ClusterPeers } from './cluster-peers';
import { encodeFamilies } from './family-code';
import { aggregate, FamilySum } from './family-sum';
import { isClusterWorker } from './listen';
import type { Peer, Values } from './peer';
import { ThreadPeers } from './thread-peers';
import { encodeUserMetrics, readUserMetrics } from './user-metric-code';
import { answerMainThread, answerPrimary } from './worker';

/** Types whose values only grow, so that the counts of a worker that is gone are kept. */
const LASTING: ReadonlySet<string> = new Set(['counter', 'histogram', 'summary']);

const NOTHING: Values = { families: [], userMetrics: [] };

/** The cluster workers and worker threads of this process that use this package. */
export class PeerGroup {
  private readonly peers = new Set<Peer>();
  readonly cluster = new ClusterPeers(this.peers);
  readonly threads = new ThreadPeers(this.peers);
  /** The counts of workers that are gone. */
  private retired = NOTHING;
  private requests = 0;
  private collecting: Promise<Values[]> | null = null;

  constructor(private readonly runtime: Runtime) {}

  /** Whether there are workers, or counts of workers that are gone. */
  any(): boolean {
    if (!isMainThread) return false;
    this.cluster.find();
    return this.peers.size > 0 || this.retired !== NOTHING;
  }

  /** The values of every worker: its answer if it comes in time, or else its latest one. Includes workers that are gone. */
  collect(): Promise<Values[]> {
    // Overlapping scrapes share one round of questions.
    this.collecting ??= this.ask().finally(() => {
      this.collecting = null;
    });
    return this.collecting;
  }

  private async ask(): Promise<Values[]> {
    const id = ++this.requests;
    const asked = [...this.peers].filter(({ isGone }) => !isGone);
    const answered = Promise.all(asked.map((peer) => peer.ask(id)));
    const timer = setTimeout(() => {
      for (const peer of asked) peer.giveUp();
    }, WORKERS_DEADLINE);
    await answered;
    clearTimeout(timer);
    await this.retire([...this.peers].filter(({ isGone }) => isGone));
    return [this.retired, ...[...this.peers].map(({ last }) => last ?? NOTHING)];
  }

  /** Adds the counts of workers that are gone into one sum, so that counters do not fall and memory stays bounded. */
  private async retire(gone: readonly Peer[]): Promise<void> {
    const left = gone.flatMap(({ last }) => last ?? []);
    // Workers that leave meanwhile are retired in the next round. The values of these no longer change.
    if (left.length > 0) this.retired = await sumOfRetired(this.runtime, [this.retired, ...left]);
    for (const peer of gone) this.peers.delete(peer);
  }
}

async function sumOfRetired(runtime: Runtime, parts: readonly Values[]): Promise<Values> {
  const budget = new TimeBudget();
  const sum = new FamilySum(runtime.faults, ({ type }) => LASTING.has(type));
  for (const body of parts.flatMap(({ families }) => families)) {
    sum.addBody(body);
    // oxlint-disable-next-line no-await-in-loop -- yielding is meant to hold the loop
    if (budget.isSpent()) await budget.yield();
  }
  sum.forgetWindows();
  const families: string[] = [];
  for (const encoded of encodeFamilies(sum.families, {})) {
    families.push(JSON.stringify(encoded));
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (budget.isSpent()) await budget.yield();
  }
  const metrics = parts
    .flatMap(({ userMetrics }) => userMetrics)
    .flatMap((body) => readUserMetrics(runtime.faults, body));
  const lasting = metrics.filter(({ type }) => LASTING.has(type));
  return {
    families,
    userMetrics: [...encodeUserMetrics(await aggregate(runtime, lasting, budget))],
  };
}

/**
 * The other processes and threads of the program. The process that serves the metrics serves the sum over all of them: a
 * worker answers from the moment this package is loaded. Nothing here keeps the process alive.
 */
export const peerGroupOf = definePart('scrape.workers', (runtime) => {
  const group = new PeerGroup(runtime);
  if (isMainThread) {
    group.threads.watch();
    if (isClusterWorker()) answerPrimary(new Answers(runtime));
    else group.cluster.watch();
  } else answerMainThread(new Answers(runtime));
  return group;
});
