import { threadId } from 'node:worker_threads';

import type { FaultSink } from '../../recording/guards';
import type { Runtime } from '../../runtime/runtime';
import { CALLS_DEADLINE, LATE, within, WORKERS_DEADLINE } from '../deadlines';
import { NO_VALUES, type Peer, type WorkerValues } from './peer';
import { sumOfRetired } from './retired-sum';
import { Rounds } from './rounds';
import { parseCalls, type ProcessCalls, unanswered } from './worker-calls';
import { type CallsSubject, IDS_PER_THREAD } from './worker-messages';

/** The ids of requests differ between the threads of a process, because a thread may get those of several. */
const FIRST_REQUEST = threadId * IDS_PER_THREAD;

/** The processes and threads that report to this one, and the sum over those that are gone. */
export class PeerSet {
  readonly peers = new Set<Peer>();
  /** The sum over the workers that are gone. */
  private retired = NO_VALUES;
  private requests = FIRST_REQUEST;
  private readonly rounds = new Rounds<WorkerValues[]>();

  constructor(private readonly runtime: Runtime) {}

  /** Number of workers that have announced themselves. */
  get size(): number {
    return this.peers.size;
  }

  /** Whether there are workers that have announced themselves, or values of workers that are gone. */
  get isEmpty(): boolean {
    return this.peers.size === 0 && this.retired === NO_VALUES;
  }

  /**
   * Returns the report of every worker, or its latest one if none arrives within `deadline` milliseconds, and the sum of those
   * that are gone.
   */
  collect(deadline = WORKERS_DEADLINE): Promise<WorkerValues[]> {
    return this.rounds.join(() => this.request(deadline));
  }

  /** Returns the latest report of every worker, and the sum of those that are gone. */
  latest(): WorkerValues[] {
    return [this.retired, ...[...this.peers].map(({ last }) => last ?? NO_VALUES)];
  }

  /** Returns the calls of every worker. One that does not answer within `deadline` milliseconds has none, and is marked. */
  async collectCalls(subject: CallsSubject, deadline: number): Promise<ProcessCalls[]> {
    const { faults } = this.runtime;
    const id = ++this.requests;
    const asked = [...this.peers].filter(({ isGone }) => !isGone);
    const answers = asked.map((peer) => callsOf(peer, id, subject, faults, deadline));
    return (await Promise.all(answers)).flat();
  }

  private async request(deadline: number): Promise<WorkerValues[]> {
    const id = ++this.requests;
    const asked = [...this.peers].filter(({ isGone }) => !isGone);
    const reports = Promise.all(asked.map((peer) => peer.ask(id)));
    if ((await within(reports, deadline)) === LATE) {
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

/** Returns the calls of a worker, and of those that report to it. An answer that cannot be read is reported. */
export async function callsOf(
  peer: Peer,
  id: number,
  subject: CallsSubject,
  faults: FaultSink,
  deadline = CALLS_DEADLINE,
): Promise<readonly ProcessCalls[]> {
  try {
    const body = await peer.askCalls(id, subject, deadline);
    const calls = body === null ? null : parseCalls(body);
    if (calls !== null) return calls;
  } catch (error) {
    faults.report('worker', error);
  }
  // A worker that has ended meanwhile is not missing.
  return peer.isGone ? [] : [unanswered(peer.process)];
}
