import type { Server, Socket } from 'node:net';

import { delay, milliseconds } from '../../../metrics/clock';
import type { Runtime } from '../../../runtime/runtime';
import { within, WORKERS_DEADLINE } from '../../deadlines';
import { Peer, type WorkerValues } from '../peer';
import { ownCalls } from '../own-calls';
import type { PeerHost } from '../peer-host';
import { callsOf, type PeerSet } from '../peer-set';
import { Reporter } from '../reporter';
import { sumOfRetired } from '../retired-sum';
import { Rounds } from '../rounds';
import type { CallsProcess, ProcessCalls } from '../worker-calls';
import type { CallsSubject } from '../worker-messages';
import { reportedContents } from '../worker-report';
import { LineConnection } from './line-connection';
import { isAlive, type ReportStore } from './report-store';
import type { StoredReports } from './stored-reports';

/** Milliseconds to wait for workers that have not connected, once for each. */
const CONNECT_DEADLINE = 1000;

/** Milliseconds between two looks for them. */
const CONNECT_RETRY = 10;

/** Number of workers that end before their reports are summed, unless a scrape comes before. */
const ENDED_PER_ROUND = 50;

/** The worker of a cluster that sums the reports of all. The others report to it, and request the sum from it. */
export class Leader {
  private readonly members = new Map<string, Peer>();
  private readonly connections = new Set<LineConnection>();
  private retired: WorkerValues;
  /** This worker, and others that run but have not connected in time. Their latest stored reports count. */
  private readonly absent: Set<string>;
  private requests = 0;
  private ended = 0;
  private readonly rounds = new Rounds<WorkerValues[]>();
  private isClosed = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly own: PeerSet,
    private readonly reports: StoredReports,
    private readonly store: ReportStore,
    private readonly server: Server,
    private readonly host: Pick<PeerHost, 'announced'>,
    /** Returns whether this worker still leads. If not, it closes the leader. */
    private readonly keepsLeading: () => boolean,
  ) {
    this.retired = store.readRetired();
    this.absent = new Set([store.instance]);
  }

  /** Accepts a worker that wants to report. */
  accept(socket: Socket): void {
    const reporter = new Reporter(
      this.runtime.faults,
      () => this.contents(),
      (subject) => this.askCalls(subject),
    );
    let instance: string | null = null;
    let peer: Peer | null = null;
    const connection = new LineConnection(
      socket,
      (message) => {
        if (message.type === 'thrift-metrics.3:sibling') {
          ({ instance } = message);
          peer = new Peer((request) => connection.send(request), undefined, processOf(instance));
          this.members.set(instance, peer);
          this.absent.delete(instance);
        } else if (message.type === 'thrift-metrics.3:chunk') peer?.receive(message);
        else if (message.type === 'thrift-metrics.3:hello') this.host.announced(message.endpoint);
        else if (this.keepsLeading()) {
          void reporter.receive(message, (chunk) => connection.send(chunk));
        }
      },
      () => {
        this.connections.delete(connection);
        peer?.end();
        if (instance !== null && this.members.get(instance) === peer) this.members.delete(instance);
        // Keeps the folder small, even if no scrape comes.
        if (++this.ended % ENDED_PER_ROUND !== 0) return;
        this.collect().catch((error: unknown) => this.runtime.faults.report('worker', error));
      },
    );
    this.connections.add(connection);
  }

  /** Returns the reports of all workers, each at most as old as this call, and the sum of those that are gone. */
  collect(): Promise<WorkerValues[]> {
    return this.rounds.join(() => this.collectOnce());
  }

  /** Returns the calls of all workers that are connected. */
  async askCalls(subject: CallsSubject): Promise<readonly ProcessCalls[]> {
    const id = ++this.requests;
    const [own, ...others] = await Promise.all([
      ownCalls(this.runtime, this.own, subject),
      ...[...this.members.values()].map((peer) => callsOf(peer, id, subject, this.runtime.faults)),
    ]);
    return [...own, ...others.flat()];
  }

  /** Leaves the lead to another worker. Returns false if it has already. */
  close(): boolean {
    if (this.isClosed) return false;
    this.isClosed = true;
    this.server.close();
    for (const connection of this.connections) connection.close();
    return true;
  }

  private async *contents(): AsyncGenerator<{ kind: 'families' | 'userMetrics'; body: string }> {
    yield* reportedContents(await this.collect());
  }

  private async collectOnce(): Promise<WorkerValues[]> {
    await this.waitForMembers();
    const id = ++this.requests;
    const asked = [...this.members];
    const answers = Promise.all(asked.map(([, peer]) => peer.ask(id)));
    const [own] = await Promise.all([this.reports.report(), within(answers, WORKERS_DEADLINE)]);
    const values = new Map([[this.store.instance, own]]);
    for (const [instance, peer] of asked) {
      peer.giveUp();
      if (peer.answered === id && peer.last !== null) values.set(instance, peer.last);
    }
    const gone: string[] = [];
    for (const instance of this.store.instances()) {
      if (values.has(instance)) continue;
      // Read in this order, because a process stores its final report before it is gone.
      if (!isAlive(instance)) gone.push(instance);
      // oxlint-disable-next-line no-await-in-loop -- there are few of them
      values.set(instance, await this.store.read(instance));
    }
    await this.retire(gone, values);
    for (const instance of gone) {
      values.delete(instance);
      this.absent.delete(instance);
    }
    return [this.retired, ...values.values()];
  }

  /** Waits for workers that have started, or have lost the leader before, and are about to connect. */
  private async waitForMembers(): Promise<void> {
    const until = milliseconds() + CONNECT_DEADLINE;
    for (;;) {
      const missing = this.store
        .instances()
        .filter((each) => !this.members.has(each) && !this.absent.has(each) && isAlive(each));
      if (missing.length === 0) return;
      if (milliseconds() > until) {
        for (const each of missing) this.absent.add(each);
        return;
      }
      // oxlint-disable-next-line no-await-in-loop -- looks again after a moment
      await delay(CONNECT_RETRY);
    }
  }

  /** Adds the reports of workers that are gone to one sum, so that the folder stays small. */
  private async retire(
    gone: readonly string[],
    values: ReadonlyMap<string, WorkerValues>,
  ): Promise<void> {
    if (gone.length === 0) return;
    const left = gone.flatMap((instance) => values.get(instance) ?? []);
    const sum = await sumOfRetired(this.runtime, [this.retired, ...left]);
    await this.store.saveRetired(sum, gone);
    this.retired = sum;
  }
}

/** The process of an instance, whose name begins with its id. */
function processOf(instance: string): CallsProcess {
  return { pid: Number.parseInt(instance, 10), worker: null, thread: 0 };
}
