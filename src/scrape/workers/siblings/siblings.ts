import { createConnection, createServer, type Server, type Socket } from 'node:net';

import { delay, startTimeout } from '../../../metrics/clock';
import type { Runtime } from '../../../runtime/runtime';
import { ThriftMetricsError } from '../../../validation/errors';
import {
  ALL_CALLS_DEADLINE,
  LATE,
  SIBLINGS_DEADLINE,
  within,
  WORKER_CALLS_DEADLINE,
} from '../../deadlines';
import { ownCalls } from '../own-calls';
import type { WorkerValues } from '../peer';
import type { PeerHost } from '../peer-host';
import type { PeerSet } from '../peer-set';
import { Reporter } from '../reporter';
import { noSum, SumLink, type Superior } from '../superior';
import type { ProcessCalls } from '../worker-calls';
import type { CallsSubject } from '../worker-messages';
import { Leader } from './leader';
import { LineConnection } from './line-connection';
import { MeetingPlace } from './meeting-place';
import { processManagerApp } from '../../../runtime/process-manager';
import { ReportStore } from './report-store';
import { StoredReports } from './stored-reports';

/** How often a worker tries to find or become the leader, or requests the sum from another leader, before it gives up. */
const ATTEMPTS = 20;

/** Milliseconds from the first use of Thrift until the first worker serves the metrics of all. */
const SERVING_DELAY = 1000;

/** Milliseconds between two attempts. */
const RETRY = 25;

/** The worker that this one gets the sum from: itself, or another. */
type Role = Leading | Following;

interface Leading {
  readonly leader: Leader;
  readonly generation: number;
  readonly socketIdentity: number | null;
}

interface Following {
  readonly leader: null;
  readonly link: SumLink;
  readonly connection: LineConnection;
}

/** What a worker needs to meet the others. */
interface Meeting {
  readonly place: MeetingPlace;
  readonly store: ReportStore;
  readonly reports: StoredReports;
}

/**
 * The other workers of a cluster whose primary does not have this package. One of them leads: it collects the reports of all.
 * When it ends, another takes over, with the values of all that have ended.
 */
export class Siblings implements Superior {
  private isJoined = false;
  private hasFailed = false;
  private meeting: Meeting | null = null;
  private role: Promise<Role> | null = null;
  private last: readonly WorkerValues[] = [];
  private serving: { open: () => void; close: () => void } | null = null;

  constructor(
    private readonly runtime: Runtime,
    private readonly own: PeerSet,
    private readonly host: Pick<PeerHost, 'announced'>,
  ) {}

  /** Looks for the others. Never throws. */
  join(): void {
    if (this.isJoined) return;
    this.isJoined = true;
    this.seekRole();
  }

  async discover(): Promise<void> {
    this.join();
    if (!this.hasFailed) return;
    this.hasFailed = false;
    this.seekRole();
  }

  hasSum(): boolean {
    return true;
  }

  async collect(): Promise<readonly WorkerValues[]> {
    this.last = await this.collectFrom(ATTEMPTS);
    return this.last;
  }

  latest(): readonly WorkerValues[] {
    return this.last;
  }

  async calls(subject: CallsSubject): Promise<readonly ProcessCalls[] | null> {
    try {
      return await this.callsFrom(subject, ATTEMPTS);
    } catch {
      return null;
    }
  }

  whileServing(_port: number, open: (isSuccessor: boolean) => void, close: () => void): void {
    this.join();
    void this.serve(open, close);
  }

  private async serve(open: (isSuccessor: boolean) => void, close: () => void): Promise<void> {
    const isSuccessor = (await this.isLeading()) === false;
    if (!isSuccessor) {
      // The program may still be about to listen on the port in another worker.
      await new Promise<void>((resolve) => void startTimeout(resolve, SERVING_DELAY).unref());
    }
    this.serving = { open: () => open(true), close };
    // Without the others, any worker may say so.
    if ((await this.isLeading()) !== false) open(isSuccessor);
  }

  /** Returns null if the workers cannot meet. */
  private async isLeading(): Promise<boolean | null> {
    try {
      const role = await this.role;
      return role !== null && role.leader !== null;
    } catch {
      return null;
    }
  }

  async claimServing(): Promise<void> {
    try {
      const role = await this.role;
      if (role === null || role.leader !== null) return;
      role.connection.send({
        type: 'thrift-metrics.3:hello',
        threadId: 0,
        endpoint: 'claimed',
      });
      // The leader reads its messages in order.
      await role.link.ask();
    } catch {
      // Without the others, no other worker serves.
    }
  }

  private async collectFrom(attempts: number): Promise<readonly WorkerValues[]> {
    const role = await within(this.role as Promise<Role>, SIBLINGS_DEADLINE);
    if (role === LATE) throw noSum('the worker that sums the metrics of all cannot be found');
    try {
      if (role.leader === null) return [await role.link.ask()];
      if (this.keepsLeading(role)) return await role.leader.collect();
      return await this.collectFrom(attempts - 1);
    } catch (error) {
      // A leader that has ended has a successor.
      if (attempts > 1 && this.role !== null && (await this.role) !== role) {
        return await this.collectFrom(attempts - 1);
      }
      throw error instanceof ThriftMetricsError ? error : noSum((error as Error).message, error);
    }
  }

  private async callsFrom(
    subject: CallsSubject,
    attempts: number,
  ): Promise<readonly ProcessCalls[] | null> {
    const role = await within(this.role as Promise<Role>, ALL_CALLS_DEADLINE);
    if (role === LATE) return null;
    const answers = role.leader === null || this.keepsLeading(role);
    const calls = answers ? await (role.leader ?? role.link).askCalls(subject) : null;
    // A leader that has ended has a successor.
    const hasSuccessor = calls === null && attempts > 1 && (await this.role) !== role;
    return hasSuccessor ? this.callsFrom(subject, attempts - 1) : calls;
  }

  /** Whether others find this leader. If not, because something has removed its socket, it looks for its role again. */
  private keepsLeading(role: Leading): boolean {
    if (this.isCurrent(role)) return true;
    const { leader, generation, socketIdentity } = role;
    const { place } = this.meeting as Meeting;
    if (place.closeSocket(generation, socketIdentity, () => leader.close())) {
      this.serving?.close();
      this.seekRole();
    }
    return false;
  }

  private isCurrent({ generation, socketIdentity }: Leading): boolean {
    const { place } = this.meeting as Meeting;
    try {
      return (
        place.generations().at(-1) === generation &&
        place.socketIdentity(generation) === socketIdentity
      );
    } catch {
      // The folder is gone.
      return false;
    }
  }

  private seekRole(): void {
    const role = this.findRole();
    this.role = role;
    role.catch((error: unknown) => {
      this.runtime.faults.warnOnce('workers', error);
      // The next scrape tries again.
      if (this.role === role) this.hasFailed = true;
    });
  }

  private meet(): Meeting {
    const place = MeetingPlace.open();
    const store = new ReportStore(place.folder);
    store.announce();
    const reports = new StoredReports(this.runtime, this.own, store);
    reports.keepStoring();
    storeAtEnd(reports);
    return { place, store, reports };
  }

  private async findRole(): Promise<Role> {
    this.meeting ??= this.meet();
    for (let attempt = 0; ; attempt++) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one attempt after another
        const role = await this.tryToFindRole(this.meeting);
        if (role !== null) return role;
      } catch (error) {
        if (attempt >= ATTEMPTS) throw noSum((error as Error).message, error);
      }
      // oxlint-disable-next-line no-await-in-loop -- one attempt after another
      await delay(RETRY);
    }
  }

  /**
   * Connects to the newest socket. If no worker listens there, opens the next: the system lets only one do that. Sockets are
   * never replaced, so a worker cannot remove one that another has just opened.
   */
  private async tryToFindRole(meeting: Meeting): Promise<Role | null> {
    const { place } = meeting;
    place.make();
    const newest = place.generations().at(-1) ?? 0;
    const connected = await connect(place, newest);
    if (connected !== null) return this.follow(meeting, connected);
    const generation = newest + 1;
    const listening = await listen(place.socket(generation));
    if (listening === null) return null;
    const { server, accepted } = listening;
    // The one before may have been opened only just now.
    const late = await connect(place, newest);
    if (late !== null || place.generations().at(-1) !== generation) {
      late?.destroy();
      server.close();
      for (const socket of accepted) socket.destroy();
      return null;
    }
    for (const old of place.generations()) if (old < generation) place.removeSocket(old);
    return this.lead(meeting, listening, generation);
  }

  private lead(
    { place, reports, store }: Meeting,
    { server, accepted }: Listening,
    generation: number,
  ): Leading {
    const { runtime, own, host } = this;
    const leader = new Leader(runtime, own, reports, store, server, host, () =>
      this.keepsLeading(role),
    );
    const role: Leading = { leader, generation, socketIdentity: place.socketIdentity(generation) };
    server.removeAllListeners('connection');
    server.on('connection', (socket) => leader.accept(socket));
    for (const socket of accepted) leader.accept(socket);
    this.serving?.open();
    return role;
  }

  private follow({ reports, store }: Meeting, socket: Socket): Following {
    const { runtime, own } = this;
    const reporter = new Reporter(
      runtime.faults,
      () => reports.contents(),
      (subject) => ownCalls(runtime, own, subject, WORKER_CALLS_DEADLINE),
    );
    const connection = new LineConnection(
      socket,
      (message) => {
        if (message.type === 'thrift-metrics.3:chunk') link.receive(message);
        else void reporter.receive(message, (chunk) => connection.send(chunk));
      },
      () => {
        // Before the requests end, so that they find the successor.
        this.seekRole();
        link.end();
      },
    );
    const link = new SumLink((request) => connection.send(request), 'the worker that sums all');
    connection.send({ type: 'thrift-metrics.3:sibling', instance: store.instance });
    return { leader: null, link, connection };
  }
}

/** Stores a final report when the process ends. */
function storeAtEnd(reports: StoredReports): void {
  process.on('exit', () => reports.storeFinal());
  if (processManagerApp() === null) return;
  // PM2 stops a worker by this signal, and kills it later if that does not help. Without a listener, the process would end
  // before it could store what it has counted.
  const end = (): void => {
    if (process.listenerCount('SIGINT') > 1) return;
    reports.storeFinal();
    process.off('SIGINT', end);
    process.kill(process.pid, 'SIGINT');
  };
  process.on('SIGINT', end);
}

/** Resolves with null if no worker listens. */
async function connect(place: MeetingPlace, generation: number): Promise<Socket | null> {
  if (generation === 0) return null;
  return new Promise((resolve) => {
    const socket = createConnection(place.socket(generation));
    socket.unref();
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

/** A server, and the connections that it has accepted so far. */
interface Listening {
  readonly server: Server;
  readonly accepted: readonly Socket[];
}

/** Resolves with null if the socket exists. */
async function listen(path: string): Promise<Listening | null> {
  return new Promise((resolve, reject) => {
    const accepted: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, (socket) => accepted.push(socket));
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    // Without its own socket, a worker would share that of the primary.
    server.listen({ path, exclusive: true }, () => resolve({ server, accepted }));
  });
}
