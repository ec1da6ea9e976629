import workerThreads = require('node:worker_threads');
import { type BroadcastChannel, threadId } from 'node:worker_threads';

import { delay } from '../../metrics/clock';
import type { Runtime } from '../../runtime/runtime';
import { THREADS_DEADLINE, WORKER_CALLS_DEADLINE, WORKER_METRIC_DEADLINE } from '../deadlines';
import { listenOnce } from './listen-once';
import type { WorkerValues } from './peer';
import type { PeerSet } from './peer-set';
import { Reporter } from './reporter';
import { watchThreads } from './started-threads';
import { SumLink, type Superior } from './superior';
import { channelOf, LOBBY, openChannel } from './thread-channel';
import { ownCalls } from './own-calls';
import type { ProcessCalls } from './worker-calls';
import {
  type Call,
  type CallsSubject,
  type Child,
  type Hello,
  IDS_PER_THREAD,
  parseMessage,
} from './worker-messages';
import { finalReport, ownContents } from './worker-report';

/**
 * The main thread. This worker thread reports to it on request, and before it ends, and requests the sum over all threads from
 * it, if the main thread has this package.
 */
export class MainThread implements Superior {
  private readonly reporter: Reporter;
  private hello: Hello = { type: 'thrift-metrics.3:hello', threadId };
  private link: SumLink | null = null;
  private searching: Promise<void> | null = null;

  constructor(
    private readonly runtime: Runtime,
    private readonly own: PeerSet,
  ) {
    this.reporter = new Reporter(
      runtime.faults,
      () => ownContents(runtime, () => own.collect(WORKER_METRIC_DEADLINE)),
      (subject) => ownCalls(runtime, own, subject, WORKER_CALLS_DEADLINE),
    );
  }

  report(): void {
    listenOnce<MainThread>(workerThreads, this, (latest) => {
      const lobby = openChannel(LOBBY, (data) => {
        if (parseMessage(data)?.type === 'thrift-metrics.3:call') lobby.postMessage(latest().hello);
      });
      const own = openChannel(channelOf(threadId), (data) => {
        void latest().reporter.receive(data, (chunk) => own.postMessage(chunk));
      });
      lobby.postMessage(latest().hello);
      process.on('exit', () => latest().sendFinalReport(lobby));
      watchThreads(
        (id) => announceChild(lobby, id, true),
        (id) => announceChild(lobby, id, false),
      );
    });
  }

  /** Finds out whether the main thread has this package. */
  async discover(): Promise<void> {
    if (this.link !== null) return;
    this.searching ??= this.search().finally(() => {
      this.searching = null;
    });
    await this.searching;
  }

  hasSum(): boolean {
    return this.link !== null;
  }

  async collect(): Promise<WorkerValues[]> {
    return this.link === null ? [] : [await this.link.ask()];
  }

  latest(): WorkerValues[] {
    return this.link === null ? [] : [this.link.latest()];
  }

  calls(subject: CallsSubject): Promise<readonly ProcessCalls[] | null> {
    return this.link === null ? Promise.resolve(null) : this.link.askCalls(subject);
  }

  whileServing(port: number, open: (isSuccessor: boolean) => void): void {
    this.announce(port);
    void this.serveAlone(open);
  }

  /** Serves the metrics if the main thread does not have this package. */
  private async serveAlone(open: (isSuccessor: boolean) => void): Promise<void> {
    await this.discover();
    if (this.link === null) open(false);
  }

  async claimServing(): Promise<void> {
    this.announce('claimed');
  }

  private announce(endpoint: Hello['endpoint']): void {
    this.hello = { ...this.hello, endpoint };
    const lobby = openChannel(LOBBY);
    lobby.postMessage(this.hello);
    lobby.close();
  }

  private async search(): Promise<void> {
    const lobby = openChannel(LOBBY, (data) => {
      const message = parseMessage(data);
      if (message?.type === 'thrift-metrics.3:hello' && message.threadId === 0) this.connect();
    });
    lobby.postMessage({ type: 'thrift-metrics.3:call' } satisfies Call);
    await delay(THREADS_DEADLINE);
    lobby.close();
  }

  private connect(): void {
    if (this.link !== null) return;
    const main = openChannel(channelOf(0), (data) => {
      const message = parseMessage(data);
      if (message?.type === 'thrift-metrics.3:chunk') link.receive(message);
    });
    const link = new SumLink(
      (request) => main.postMessage(request),
      'the main thread',
      threadId * IDS_PER_THREAD,
    );
    this.link = link;
  }

  private sendFinalReport(lobby: BroadcastChannel): void {
    try {
      for (const chunk of finalReport(this.runtime, this.own.latest())) lobby.postMessage(chunk);
    } catch (error) {
      this.runtime.faults.report('worker', error);
    }
  }
}

/** Tells the main thread that this thread has started another one, or that the other one has ended. */
function announceChild(lobby: BroadcastChannel, child: number, isRunning: boolean): void {
  const type = 'thrift-metrics.3:child';
  lobby.postMessage({ type, threadId: child, parent: threadId, isRunning } satisfies Child);
}
