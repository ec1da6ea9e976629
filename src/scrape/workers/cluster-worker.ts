import type { Cluster } from 'node:cluster';

import { IS_DENO } from '../../runtime/javascript-runtime';
import type { Runtime } from '../../runtime/runtime';
import { WORKER_CALLS_DEADLINE, WORKER_METRIC_DEADLINE } from '../deadlines';
import type { WorkerValues } from './peer';
import type { PeerSet } from './peer-set';
import { Reporter } from './reporter';
import { noSum, SumLink, type Superior } from './superior';
import { ownCalls } from './own-calls';
import type { ProcessCalls } from './worker-calls';
import {
  type CallsSubject,
  type Chunk,
  type Hello,
  INTERNAL_MESSAGE,
  isClusterCall,
  parseMessage,
  PRIMARY_VARIABLE,
  type Request,
} from './worker-messages';
import { finalReport, ownContents } from './worker-report';

/** Characters of a final report that are sent at once. The pipe holds more, even if the primary is busy. */
const BURST = 64 * 1024;

/** Milliseconds to wait after each burst, so that the primary can read. */
const WAIT_AFTER_BURST = 2;

/** Whether this process is a cluster worker. A process without a channel does not need to load the module to know. */
export function isClusterWorker(): boolean {
  return process.send !== undefined && (require('node:cluster') as Cluster).isWorker;
}

/** Whether the primary has this package. Another primary, such as a process manager, may fail on unknown messages. */
function hasReceiver(): boolean {
  return process.env[PRIMARY_VARIABLE] === String(process.ppid);
}

/**
 * The primary of this cluster worker. The worker reports to it on request, and before it ends, and requests the sum over all
 * workers from it.
 */
export class Primary implements Superior {
  private wasCalled = false;
  private readonly reporter: Reporter;
  private readonly link = new SumLink(send, 'the primary of the cluster');
  private hello: Hello = { type: 'thrift-metrics.3:hello', threadId: 0 };

  /** @param onFound called when it is known that the primary has this package */
  constructor(
    private readonly runtime: Runtime,
    private readonly own: PeerSet,
    private readonly onFound: () => void,
  ) {
    this.reporter = new Reporter(
      runtime.faults,
      () => ownContents(runtime, () => own.collect(WORKER_METRIC_DEADLINE)),
      (subject) => ownCalls(runtime, own, subject, WORKER_CALLS_DEADLINE),
    );
  }

  report(): void {
    process.on('message', (data: unknown) => {
      const message = parseMessage(data);
      if (message?.type === 'thrift-metrics.3:chunk') this.link.receive(message);
      else void this.reporter.receive(message, send);
    });
    process.on(INTERNAL_MESSAGE as 'message', (message: unknown) => {
      if (!isClusterCall(message)) return;
      this.wasCalled = true;
      this.onFound();
      send(this.hello);
    });
    if (hasReceiver()) {
      this.onFound();
      send(this.hello);
    }
    const sendFinalReport = (): void => {
      if (process.connected && (this.reporter.wasRequested || this.isExpected())) {
        this.sendFinalReport(createBurstSend());
      }
    };
    process.on('exit', sendFinalReport);
    // Deno emits no `exit` after an uncaught exception.
    if (IS_DENO) process.on('uncaughtExceptionMonitor', sendFinalReport);
    // Node.js has no event before the channel closes, but every way to close it calls this function.
    const disconnect = process.disconnect.bind(process);
    process.disconnect = (): void => {
      sendFinalReport();
      disconnect();
    };
  }

  async discover(): Promise<void> {}

  hasSum(): boolean {
    return true;
  }

  async collect(): Promise<WorkerValues[]> {
    if (!process.connected) throw noSum('it is disconnected from the primary of its cluster');
    return [await this.link.ask()];
  }

  latest(): WorkerValues[] {
    return [this.link.latest()];
  }

  calls(subject: CallsSubject): Promise<readonly ProcessCalls[] | null> {
    return process.connected ? this.link.askCalls(subject) : Promise.resolve(null);
  }

  whileServing(port: number): void {
    this.announce(port);
  }

  async claimServing(): Promise<void> {
    this.announce('claimed');
  }

  private announce(endpoint: Hello['endpoint']): void {
    this.hello = { ...this.hello, endpoint };
    if (this.isExpected()) send(this.hello);
  }

  private isExpected(): boolean {
    return this.wasCalled || hasReceiver();
  }

  private sendFinalReport(sendChunk: (chunk: Chunk) => void): void {
    try {
      for (const chunk of finalReport(this.runtime, this.own.latest())) sendChunk(chunk);
    } catch (error) {
      this.runtime.faults.report('worker', error);
    }
  }
}

function send(message: Chunk | Hello | Request): void {
  // Without a callback, a channel that closes meanwhile would emit an error event on the process.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** Creates a `send` that never fills the pipe, because a process that exits loses what the pipe does not hold. */
function createBurstSend(): (chunk: Chunk) => void {
  let sent = 0;
  return (chunk) => {
    send(chunk);
    sent += chunk.body.length;
    if (sent < BURST) return;
    sent = 0;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_AFTER_BURST);
  };
}
