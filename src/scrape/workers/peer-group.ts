import { isMainThread } from 'node:worker_threads';

import { Slice } from '../pace';
import { Answers } from './answer';
import { ClusterPeers } from './cluster-peers';
import { encodeFamilies } from './family-code';
import { aggregate, FamilySum } from './family-sum';
import { isClusterWorker } from './listen';
import type { Peer, Values } from './peer';
import { ThreadPeers } from './thread-peers';
import { encodeForeign, readForeign } from './user-metrics-code';
import { answerMainThread, answerPrimary } from './worker';

/** How long answers are waited for that go on coming, in milliseconds: a third of Prometheus' own patience with a scrape. */
const LONGEST = 3000;

/** Types whose values only grow, so that what a worker has counted stays counted when it is gone. */
const LASTING = new Set(['counter', 'histogram', 'summary']);

const NOTHING: Values = { families: [], foreign: [] };

/** The cluster workers of this process and its worker threads, as far as they use this package. */
export class PeerGroup {
  private readonly peers = new Set<Peer>();
  readonly cluster = new ClusterPeers(this.peers);
  readonly threads = new ThreadPeers(this.peers);
  /** What workers that are gone had counted. */
  private retired = NOTHING;
  private requests = 0;
  private collecting: Promise<Values[]> | null = null;

  /** Whether there is anybody to ask, or anything that those who are gone have left. */
  any(): boolean {
    if (!isMainThread) return false;
    this.cluster.find();
    return this.peers.size > 0 || this.retired !== NOTHING;
  }

  /** What every worker has: what it answers in time, else the last it has sent; and what those who are gone had. */
  collect(): Promise<Values[]> {
    // Scrapes that overlap share one round of questions.
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
    }, LONGEST);
    await answered;
    clearTimeout(timer);
    await this.retire([...this.peers].filter(({ isGone }) => isGone));
    return [this.retired, ...[...this.peers].map(({ last }) => last ?? NOTHING)];
  }

  /** Moves what those who are gone had counted to one place, so that it neither falls nor grows without end. */
  private async retire(gone: readonly Peer[]): Promise<void> {
    const left = gone.flatMap(({ last }) => last ?? []);
    // In between others may go, whose turn is the next round; what these have left does not change any more.
    if (left.length > 0) this.retired = await sumOfRetired([this.retired, ...left]);
    for (const peer of gone) this.peers.delete(peer);
  }
}

async function sumOfRetired(parts: readonly Values[]): Promise<Values> {
  const slice = new Slice();
  const sum = new FamilySum(({ type }) => LASTING.has(type));
  for (const body of parts.flatMap(({ families }) => families)) {
    sum.addBody(body);
    // oxlint-disable-next-line no-await-in-loop -- a rest is meant to hold the loop
    if (slice.isOver()) await slice.rest();
  }
  sum.forgetWindows();
  const families: string[] = [];
  for (const encoded of encodeFamilies(sum.families, {})) {
    families.push(JSON.stringify(encoded));
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (slice.isOver()) await slice.rest();
  }
  const metrics = parts.flatMap(({ foreign }) => foreign).flatMap(readForeign);
  const lasting = metrics.filter(({ type }) => LASTING.has(type));
  return { families, foreign: [...encodeForeign(await aggregate(lasting, slice))] };
}

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
